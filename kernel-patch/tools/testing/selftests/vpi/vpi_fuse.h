/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that a thread of this process serves: who reads it sleeps until
 * fuse_answer() is called. The thread is no VP: it could be held while
 * somebody waits for it.
 */
#ifndef VPI_FUSE_H
#define VPI_FUSE_H

#include <linux/fuse.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define FUSE_FILE_SIZE	4096

static int fuse_fd;
static uint32_t fuse_may_answer;

/* To READ, that is; everything else is answered at once. */
static inline void fuse_answer(void)
{
	store(&fuse_may_answer, 1);
	futex(&fuse_may_answer, FUTEX_WAKE, 1);
}

static inline void fuse_reply(const struct fuse_in_header *in, int error,
			      const void *data, size_t length)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + length, .error = error,
		.unique = in->unique,
	};
	struct iovec parts[] = {
		{ &out, sizeof(out) }, { (void *)data, length },
	};

	/* ENOENT: who has asked was interrupted meanwhile. */
	CHECK(writev(fuse_fd, parts, 2) == out.len || errno == ENOENT);
}

static inline void fuse_serve_one(const struct fuse_in_header *in)
{
	static const char content[FUSE_FILE_SIZE];
	const struct fuse_read_in *read_in = (const void *)(in + 1);
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = FUSE_FILE_SIZE,
	};
	struct fuse_attr_out attr = {
		.attr = {
			.ino = FUSE_ROOT_ID, .size = FUSE_FILE_SIZE,
			.mode = S_IFREG | 0600, .nlink = 1,
		},
	};
	struct fuse_open_out opened = { };

	switch (in->opcode) {
	case FUSE_INIT:
		return fuse_reply(in, 0, &init, sizeof(init));
	case FUSE_GETATTR:
		return fuse_reply(in, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
		return fuse_reply(in, 0, &opened, sizeof(opened));
	case FUSE_READ:
		futex_await(&fuse_may_answer, 0);
		CHECK(read_in->offset == 0);
		return fuse_reply(in, 0, content,
				  read_in->size < FUSE_FILE_SIZE ?
				  read_in->size : FUSE_FILE_SIZE);
	case FUSE_RELEASE:
		return fuse_reply(in, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		return fuse_reply(in, -ENOSYS, NULL, 0);
	}
}

static inline void *fuse_serve(void *unused)
{
	static union {
		struct fuse_in_header in;
		char bytes[FUSE_MIN_READ_BUFFER + FUSE_FILE_SIZE];
	} request;

	while (read(fuse_fd, &request, sizeof(request)) > 0)
		fuse_serve_one(&request.in);
	return unused;
}

/*
 * The file, opened for reading; -1 without FUSE, or the right to it. To be
 * called before there is a VP, and by root: it mounts, for this process alone.
 */
static inline int fuse_open(void)
{
	char path[] = "vpi_fuse.XXXXXX", options[96];
	struct stat st;
	pthread_t thread;
	int fd;

	fuse_fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse_fd < 0 || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -1;
	fd = mkstemp(path);
	CHECK(fd >= 0 && !close(fd));
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=%o,user_id=0,group_id=0", fuse_fd, S_IFREG);
	CHECK(!mount("vpi", path, "fuse", MS_NODEV | MS_NOSUID, options));
	CHECK(!pthread_create(&thread, NULL, fuse_serve, NULL));
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	/*
	 * Its first FLUSH gets ENOSYS, so there will be no other one. That of the
	 * process's end would wait for a thread that has ended.
	 */
	CHECK(!close(dup(fd)));
	/* Or it would have no pages that could be mapped. */
	CHECK(!fstat(fd, &st) && st.st_size == FUSE_FILE_SIZE);
	CHECK(!umount2(path, MNT_DETACH) && !unlink(path));
	return fd;
}

#endif /* VPI_FUSE_H */
