#pragma once
// libmicrohttpd starts a server by a variadic function, which Swift cannot call.
#include <microhttpd.h>

/// One thread of its own waits for all connections. The socket is bound and listens, and belongs to the daemon from now on, unless it
/// cannot be started. The channel between threads makes it stop at once, also while it accepts no connection.
static inline struct MHD_Daemon *poolops_http_start(
    int listener, MHD_AccessHandlerCallback handler, MHD_NotifyConnectionCallback notice, void *context,
    unsigned int connections, unsigned int idle_seconds, size_t memory) {
  return MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, handler, context, MHD_OPTION_LISTEN_SOCKET, listener,
      MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_NOTIFY_CONNECTION, notice, context, MHD_OPTION_END);
}

/// The socket of a connection; -1 when it has none.
static inline int poolops_http_socket(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}
