#pragma once
// Kernel interfaces that the Glibc module lacks, and variadic calls that Swift cannot import.
// No _GNU_SOURCE here: the Glibc module is built without it, and a file that imports both would see two fd_set.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
// Not <sys/resource.h>: with _GNU_SOURCE it differs from what the Glibc module has of it, and an optimised build of a Swift
// module that imports both fails. Take getrusage and getrlimit from Glibc.
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline int poolops_set_timer_slack(unsigned long nanoseconds) {
  return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}
static inline int poolops_fcntl(int fd, int command, int argument) { return fcntl(fd, command, argument); }
static inline int poolops_terminal_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
static inline int poolops_terminal_rows(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}
// What the loop calls all the time, and glibc makes cancellation points: in a program of several threads that costs 30
// instructions a call.
static inline ssize_t poolops_recv(int fd, void *buffer, size_t room) {
  return syscall(SYS_recvfrom, fd, buffer, room, 0, NULL, NULL);
}
static inline ssize_t poolops_send(int fd, const void *bytes, size_t count, int flags) {
  return syscall(SYS_sendto, fd, bytes, count, flags, NULL, 0L);
}
// A timeout of NULL has no end.
static inline long poolops_epoll_wait(int fd, struct epoll_event *events, int room, const struct timespec *timeout) {
  return timeout ? syscall(SYS_epoll_pwait2, fd, events, room, timeout, NULL, 0L)
                 : syscall(SYS_epoll_pwait, fd, events, room, -1, NULL, 0L);
}
static inline int poolops_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
