/*
 * The instance: what its home threads do. A home thread is the one that an
 * isolate belongs to; it waits here while VPs run the isolate.
 */
#ifndef VPI_ADDON_INSTANCE_H
#define VPI_ADDON_INSTANCE_H

#include <cstdint>
#include <string>

#include "processor.h"

namespace vpi {

struct InstanceOptions {
  int processors;
  int vps;     /* created at once */
  int max_vps; /* the pool grows up to that */
  int mask;
  unsigned int target;
};

/* How it ended. */
struct Ending {
  int status = 0;       /* >= 0: given to finish(); < 0: -errno of what failed, while it began */
  const char* syscall = nullptr; /* what failed then */
  std::string failure;  /* not empty: a processor failed, and this is its error as JSON */
};

/* Claims the process's one instance and names it; 0: there is one already. run_instance() or abandon_instance() is next. */
uint32_t claim_instance(const InstanceOptions& options);
void abandon_instance();

/* Runs it, with the calling isolate as processor 0, to its end. On return no VP exists any more. */
Ending run_instance(napi_env env, napi_value dispatch, int loop_fd);

/* Makes the calling isolate processor @index of instance @generation, until that ends. False: it is over. */
bool serve_instance(int index, uint32_t generation, napi_env env, napi_value dispatch, int loop_fd);

/* Ends the instance: the first call decides, and is told so. From any thread. */
bool finish_instance(int status);
bool fail_instance(const std::string& failure);

bool instance_is_ending();
int processor_count();
int max_vps();

}  // namespace vpi

#endif  // VPI_ADDON_INSTANCE_H
