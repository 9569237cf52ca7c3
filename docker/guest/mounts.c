// SPDX-License-Identifier: MIT
/* The guest's file tree: the host's root read-only under a tmpfs overlay, one directory read-write. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define P9_OPTIONS "trans=virtio,version=9p2000.L,msize=524288,access=any,"

static void make_directory(const char *path, mode_t mode)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		die("mkdir %s: %s", path, strerror(errno));
}

static void mount_or_die(const char *source, const char *target, const char *type,
			 unsigned long flags, const char *options)
{
	if (mount(source, target, type, flags, options) < 0)
		die("mount %s on %s: %s", type ? type : source, target, strerror(errno));
}

static void make_and_mount(const char *target, const char *type, unsigned long flags,
			   const char *options)
{
	make_directory(target, 0755);
	mount_or_die(type, target, type, flags, options);
}

void mount_early(void)
{
	make_and_mount("/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	make_and_mount("/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	make_and_mount("/dev", "devtmpfs", MS_NOSUID, "mode=0755");
}

/* Every parent of @path, and @path itself. */
static void make_path(const char *path)
{
	char part[4096];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		die("path too long: %s", path);
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		make_directory(part, 0755);
	}
}

static void enter_host_tree(void)
{
	make_directory("/host", 0755);
	make_and_mount("/cover", "tmpfs", 0, "mode=0755,size=75%");
	make_directory("/cover/upper", 0755);
	make_directory("/cover/work", 0755);
	make_directory("/tree", 0755);
	mount_or_die("vpi-root", "/host", "9p", MS_RDONLY, P9_OPTIONS "cache=loose");
	mount_or_die("overlay", "/tree", "overlay", 0,
		     "lowerdir=/host,upperdir=/cover/upper,workdir=/cover/work");
	make_directory("/tree/proc", 0755);
	make_directory("/tree/sys", 0755);
	make_directory("/tree/dev", 0755);
	mount_or_die("/proc", "/tree/proc", NULL, MS_MOVE, NULL);
	mount_or_die("/sys", "/tree/sys", NULL, MS_MOVE, NULL);
	mount_or_die("/dev", "/tree/dev", NULL, MS_MOVE, NULL);
	if (chroot("/tree") < 0 || chdir("/") < 0)
		die("chroot: %s", strerror(errno));
}

static void mount_kernel_and_scratch(void)
{
	make_and_mount("/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666");
	make_and_mount("/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	make_and_mount("/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	make_and_mount("/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	mount_or_die("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_or_die("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mount_or_die("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	/* Programs open these by name; devtmpfs does not make them. */
	if (symlink("/proc/self/fd", "/dev/fd") < 0 || symlink("/proc/self/fd/0", "/dev/stdin") < 0 ||
	    symlink("/proc/self/fd/1", "/dev/stdout") < 0 ||
	    symlink("/proc/self/fd/2", "/dev/stderr") < 0)
		die("/dev: %s", strerror(errno));
}

void mount_all(const struct command *command)
{
	if (command->share)
		enter_host_tree();
	mount_kernel_and_scratch();
	/* Last: it may lie below one of the above, as under /tmp. */
	if (command->shared) {
		make_path(command->shared);
		mount_or_die("vpi-shared", command->shared, "9p", 0, P9_OPTIONS "cache=mmap");
	}
}

void unmount_shared(const struct command *command)
{
	sync();
	if (command->shared && umount2(command->shared, MNT_DETACH) < 0)
		die("umount %s: %s", command->shared, strerror(errno));
	sync();
}
