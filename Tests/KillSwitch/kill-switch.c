// Preloaded into a program, it ends it just before its Nth call that changes files, N being LATENT_KILL_AT: what a
// power cut or `kill -9` leaves there.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int calls;

static void count(void) {
  const char *limit = getenv("LATENT_KILL_AT");
  if (limit && atomic_fetch_add(&calls, 1) + 1 == atoi(limit)) _exit(99);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                    \
  int name(const char *path, int flags, ...) {        \
    va_list list;                                     \
    va_start(list, flags);                            \
    mode_t mode = va_arg(list, mode_t);               \
    va_end(list);                                     \
    if (flags & (O_CREAT | O_TRUNC)) count();         \
    return REAL(name)(path, flags, mode);             \
  }
OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                            \
  int name(int folder, const char *path, int flags, ...) {       \
    va_list list;                                                \
    va_start(list, flags);                                       \
    mode_t mode = va_arg(list, mode_t);                          \
    va_end(list);                                                \
    if (flags & (O_CREAT | O_TRUNC)) count();                    \
    return REAL(name)(folder, path, flags, mode);                \
  }
OPEN_AT(openat)
OPEN_AT(openat64)

ssize_t write(int descriptor, const void *bytes, size_t size) {
  if (descriptor > 2) count();
  return REAL(write)(descriptor, bytes, size);
}

#define CHANGE(name, parameters, arguments) \
  int name parameters {                     \
    count();                                \
    return REAL(name) arguments;            \
  }
CHANGE(rename, (const char *old, const char *new), (old, new))
CHANGE(renameat, (int a, const char *old, int b, const char *new), (a, old, b, new))
CHANGE(unlink, (const char *path), (path))
CHANGE(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
CHANGE(rmdir, (const char *path), (path))
CHANGE(mkdir, (const char *path, mode_t mode), (path, mode))
CHANGE(link, (const char *old, const char *new), (old, new))
CHANGE(fsync, (int descriptor), (descriptor))
CHANGE(fchmod, (int descriptor, mode_t mode), (descriptor, mode))
CHANGE(ftruncate, (int descriptor, off_t size), (descriptor, size))
