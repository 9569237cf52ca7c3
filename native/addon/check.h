/* An assertion that is always there: a token in wrong hands would run two threads in one isolate. */
#ifndef VPI_ADDON_CHECK_H
#define VPI_ADDON_CHECK_H

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      std::fprintf(stderr, "node-vpi: %s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                           \
    }                                                                                         \
  } while (0)

#endif  // VPI_ADDON_CHECK_H
