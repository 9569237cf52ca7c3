/* Marks in the kernel's trace. */
#include "marker.h"

#include <atomic>
#include <cstdio>
#include <unistd.h>

#include "check.h"

namespace vpi {

static std::atomic<int> marker{-1};

void mark_entries(int fd) { marker.store(fd); }

/* One write is one mark; a write that fails would be a hole in the trace that looks like an error of ours. */
static void mark(const char* what, int processor) {
  const int fd = marker.load(std::memory_order_relaxed);
  if (fd < 0) return;
  char text[32];
  const int length = snprintf(text, sizeof(text), "vpi %s %d", what, processor);
  CHECK(write(fd, text, length) == length);
}

void mark_enter(int processor) { mark("enter", processor); }
void mark_leave(int processor) { mark("leave", processor); }

}  // namespace vpi
