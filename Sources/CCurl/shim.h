#pragma once
// libcurl's options are variadic, which Swift cannot call: one function for each kind of value.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode poolops_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode poolops_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode poolops_curl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode poolops_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode poolops_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode poolops_curl_set_writer(CURL *handle, CURLoption option, curl_write_callback value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode poolops_curl_set_prerequest(CURL *handle, curl_prereq_callback value) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}
static inline CURLcode poolops_curl_set_closer(CURL *handle, curl_closesocket_callback value, void *data) {
  curl_easy_setopt(handle, CURLOPT_CLOSESOCKETDATA, data);
  return curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, value);
}
static inline CURLcode poolops_curl_set_debugger(CURL *handle, curl_debug_callback value, void *data) {
  curl_easy_setopt(handle, CURLOPT_DEBUGDATA, data);
  return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, value);
}
static inline CURLcode poolops_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode poolops_curl_get_size(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode poolops_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}
static inline CURLMcode poolops_curl_multi_set_socket(CURLM *handle, curl_socket_callback value, void *data) {
  curl_multi_setopt(handle, CURLMOPT_SOCKETDATA, data);
  return curl_multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, value);
}
static inline CURLMcode poolops_curl_multi_set_timer(CURLM *handle, curl_multi_timer_callback value, void *data) {
  curl_multi_setopt(handle, CURLMOPT_TIMERDATA, data);
  return curl_multi_setopt(handle, CURLMOPT_TIMERFUNCTION, value);
}
/// The code of a transfer that is over, which CURLMsg has in a union.
static inline CURLcode poolops_curl_result(const CURLMsg *message) { return message->data.result; }
