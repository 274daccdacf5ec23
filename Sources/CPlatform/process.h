#pragma once
// Starting a program in a session of its own: what the Glibc module leaves out of <spawn.h>.
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>

extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *folder);

/// Starts `path` with the three descriptors and nothing else open, default signal handling, and no signal blocked.
/// A new session keeps Ctrl-C of the terminal away from the program. It starts in `folder`, or where poolops stands when
/// that is NULL. Returns 0 or an errno.
static inline int poolops_spawn_in(
    const char *folder, const char *path, char *const arguments[], char *const environment[], int input, int output,
    int error, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  int result = posix_spawn_file_actions_init(&actions);
  if (result != 0) return result;
  if (folder != NULL) {
    result = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (result != 0) {
      posix_spawn_file_actions_destroy(&actions);
      return result;
    }
  }
  posix_spawnattr_init(&attributes);
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, error, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | 0x80 /* POSIX_SPAWN_SETSID */);
  result = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

static inline int poolops_spawn(
    const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
    pid_t *pid) {
  return poolops_spawn_in(NULL, path, arguments, environment, input, output, error, pid);
}
