/// The one style sheet of every page: one column, quiet colours, figures that stand below each other, a dark scheme, and
/// paper. No rule needs a script.
enum StyleSheet {
  static let text = base + parts + ChartSVG.css + plots + screens

  private static let base = """
    :root{color-scheme:light dark;--ink:#1c2733;--soft:#59636e;--ground:#fff;--raised:#f6f8fa;--line:#d8dee4;
    --good:#18733a;--bad:#b3261e;--warning:#8a5a00;--link:#0062a3}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--ground);color:var(--ink);
    font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
    font-variant-numeric:tabular-nums lining-nums}
    main,header,footer{max-width:60rem;margin:0 auto;padding:0 1.25rem}
    body>:first-child{padding-top:2.5rem}
    footer{padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
    h1{font-size:1.5rem;line-height:1.25;font-weight:600;margin:0 0 .25rem;overflow-wrap:anywhere}
    h2{font-size:1.125rem;font-weight:600;margin:3rem 0 .75rem}
    h3{font-size:1rem;font-weight:600;margin:1.75rem 0 .5rem}
    p,ul,ol,dl{margin:0 0 1rem;max-width:46rem;overflow-wrap:anywhere}
    li{margin:.25rem 0}
    a{color:var(--link)}
    code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
    pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;margin:0 0 1rem;
    overflow-x:auto;line-height:1.5}
    pre code{font-size:1em}
    img,svg{max-width:100%}
    .soft{color:var(--soft)}main p.soft{font-size:.875rem}

    """

  private static let parts = """
    .verdict{border:1px solid var(--line);border-left:4px solid var(--soft);border-radius:6px;background:var(--raised);
    padding:1.125rem 1.25rem;margin:1.5rem 0 2rem}
    .verdict p{margin:.25rem 0 0}
    .verdict .decision{font-size:1.25rem;font-weight:650;letter-spacing:.01em;margin:0}
    .verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
    .verdict.warning{border-left-color:var(--warning)}
    .good>.decision,.good{color:var(--good)}.bad>.decision,.bad{color:var(--bad)}
    .warning>.decision,.warning{color:var(--warning)}
    .verdict.good,.verdict.bad,.verdict.warning{color:var(--ink)}
    .alarm{border-left-color:var(--bad)}
    .scroll{overflow-x:auto;margin:0 0 1rem}
    table{border-collapse:collapse;font-size:.875rem;line-height:1.4}
    .scroll table{min-width:100%}
    caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    th,td{padding:.4375rem .75rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
    th:first-child,td:first-child{padding-left:0}
    th:last-child,td:last-child{padding-right:0}
    thead th{font-weight:600;color:var(--soft);border-bottom-color:var(--soft);vertical-align:bottom}
    tbody th{font-weight:400}
    .scroll tbody th{position:sticky;left:0;background:var(--ground)}
    thead th:empty{padding:0;border:0}
    [align=right]{text-align:right;white-space:nowrap}
    [align=center]{text-align:center}
    .number{text-align:right;white-space:nowrap}
    .range{display:block;color:var(--soft);font-size:.93em}
    .nowrap{white-space:nowrap}
    dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;font-size:.875rem;max-width:none}
    dl.facts dt{color:var(--soft)}
    dl.facts dd{margin:0;overflow-wrap:anywhere}
    details{margin:0 0 1rem}
    summary{cursor:pointer;color:var(--link);font-size:.875rem}
    details>*+*{margin-top:.75rem}
    ul.tasks{list-style:none;padding-left:0}

    """

  private static let plots = """
    figure{margin:0 0 1.5rem}
    figure .plot{display:block;width:calc(100% - 4.25rem);max-width:none;margin:.5rem .75rem 0 3.5rem;overflow:visible}
    figure .plot.labelled{width:calc(100% - 7rem);margin-right:3.5rem}
    .caption{font-size:.8125rem;color:var(--soft);margin-top:1rem}
    .caption .before,.caption .after,.caption .fault{font-weight:600}
    .caption .before{color:#0062a3}.caption .after{color:#b84a00}.caption .fault{color:var(--bad)}
    .axis{height:2rem}

    """

  private static let screens = """
    @media screen and (prefers-color-scheme:dark){
    :root{--ink:#e4e9ee;--soft:#9ba7b4;--ground:#12171d;--raised:#1a2129;--line:#2f3944;
    --good:#6fcf8e;--bad:#ff8a80;--warning:#e6b455;--link:#6cb8f0}
    .caption .before{color:#6cb8f0}.caption .after{color:#f2a65a}}
    @media (max-width:34rem){
    body>:first-child{padding-top:1.5rem}h2{margin-top:2.25rem}
    main,header,footer{padding-left:1rem;padding-right:1rem}
    .plot .minor{display:none}
    .figures th,.figures td{padding-left:.25rem;padding-right:.25rem;text-wrap:balance}
    .figures th:first-child{padding-left:0}
    .figures .number{white-space:normal;min-width:6.75rem}.figures td:last-child{min-width:11rem}
    .figures .range{font-size:.75rem;text-wrap:balance}
    th,td{padding-left:.5rem;padding-right:.5rem}
    dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin:0 0 .5rem}
    figure .plot{margin-left:3rem;width:calc(100% - 3.5rem);margin-right:.5rem}
    figure .plot.labelled{width:calc(100% - 6rem);margin-right:3rem}}
    @media print{
    body{font-size:10pt}
    main,header,footer{max-width:none;padding-left:0;padding-right:0}
    h2{margin-top:1.5rem;break-after:avoid}h3,.caption,thead{break-after:avoid}
    figure,.verdict,tr,pre{break-inside:avoid}
    .scroll,pre{overflow:visible}pre{white-space:pre-wrap}
    details:not([open]){display:none}
    table{font-size:8.5pt}th,td{padding:.25rem .4rem}}

    """
}
