/* SPDX-License-Identifier: GPL-2.0 */
/* Memory whose first touch sleeps until fill_memory() is called. */
#ifndef VPI_MISSING_H
#define VPI_MISSING_H

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

static int uffd;

/* NULL: there is no userfaultfd, or no right to it. */
static inline char *missing_memory(size_t size)
{
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	char *memory;

	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (uffd < 0)
		return NULL;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	CHECK(!ioctl(uffd, UFFDIO_API, &api));
	reg.range.start = (uintptr_t)memory;
	reg.range.len = size;
	CHECK(!ioctl(uffd, UFFDIO_REGISTER, &reg));
	return memory;
}

static inline void fill_memory(char *memory, size_t size)
{
	struct uffdio_zeropage zero = {
		.range.start = (uintptr_t)memory,
		.range.len = size,
	};

	CHECK(!ioctl(uffd, UFFDIO_ZEROPAGE, &zero));
}

#endif /* VPI_MISSING_H */
