/*
 * wordcount [-p PROCESSORS] [-r | -m] [-c] [FILE...]
 *
 * Counts lines, words and bytes as LC_ALL=C wc does, with a thread for each
 * file. Every other file is mapped, not read: page faults bring it (-r: read
 * all, -m: map all, -c: drop them from the page cache first).
 */
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vpi.h>

#define CHUNK	(32UL << 10)	/* bytes between two looks at other threads */
#define AHEAD	128		/* so many files are open at once */

static struct file {
	const char *name;	/* "": standard input that is not named */
	struct thread *thread;
	bool map, opened, in_word;
	int error;		/* -errno */
	unsigned long lines, words, bytes;
} *files, *end, total = { .name = "total", .opened = true };
static int width = 1, status;
static bool cold;

/* Not inline: the compiler might remember where another VP has its errno. */
static __attribute__((noinline)) int result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* As in wc, what is not printable neither begins nor ends a word. */
static void count(struct file *f, const unsigned char *p, size_t n)
{
	f->bytes += n;
	for (; n; n--, p++) {
		f->lines += *p == '\n';
		if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
			f->in_word = false;
		} else if (*p > ' ' && *p <= '~') {
			f->words += !f->in_word;
			f->in_word = true;
		}
	}
	thread_yield();
}

static void count_read(struct file *f, int fd)
{
	unsigned char chunk[CHUNK];

	while ((f->error = result(read(fd, chunk, CHUNK))) > 0)
		count(f, chunk, (size_t)f->error);
}

static void count_mapped(struct file *f, int fd, size_t size)
{
	unsigned char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return count_read(f, fd);
	for (size_t at = 0; at < size; at += CHUNK)
		count(f, p + at, size - at < CHUNK ? size - at : CHUNK);
	munmap(p, size);
}

static bool is_stdin(const struct file *f)
{
	return !*f->name || !strcmp(f->name, "-");
}

static void count_file(void *arg)
{
	struct file *f = arg;
	int fd = result(is_stdin(f) ? dup(0) : open(f->name, O_RDONLY));
	struct stat st;

	f->opened = fd >= 0;
	if (!f->opened) {
		f->error = fd;
		return;
	}
	if (cold)
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (f->map && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size)
		count_mapped(f, fd, (size_t)st.st_size);
	else
		count_read(f, fd);
	close(fd);
}

static void print(const struct file *f)
{
	if (f->error) {
		fflush(stdout);
		fprintf(stderr, "wordcount: %s: %s\n", f->name,
			strerror(-f->error));
		status = 1;
	}
	if (f->opened)
		printf("%*lu %*lu %*lu%s%s\n", width, f->lines, width, f->words,
		       width, f->bytes, *f->name ? " " : "", f->name);
}

static void count_files(void *unused)
{
	struct vpi_status st = { 0 };
	struct file *ahead = files;

	for (struct file *f = files; f < end; f++) {
		for (; ahead < end && ahead < f + AHEAD; ahead++)
			ahead->thread = thread_create(count_file, ahead);
		if (f->thread)
			thread_join(f->thread);
		else
			count_file(f);	/* no memory for a thread */
		print(f);
		total.lines += f->lines;
		total.words += f->words;
		total.bytes += f->bytes;
	}
	if (end > files + 1)
		print(&total);
	vpi_kernel_status_of(NULL, &st);
	fprintf(stderr, "wordcount: %llu blocks, %llu upcalls, %d VPs\n",
		st.blocks, st.seen + st.unblocked, vpi_get_vp_count());
	(void)unused;
}

int main(int argc, char **argv)
{
	int processors = vpi_get_cpu_count(), how = 0, least_width = 1, option, ret;
	unsigned long sum = 0;
	struct stat st;

	while ((option = getopt(argc, argv, "p:rmc")) != -1) {
		if (option == 'p')
			processors = atoi(optarg);
		else if (option == 'c')
			cold = true;
		else
			how = option;
	}
	argv += optind;
	argc = argc > optind ? argc - optind : 1;
	files = calloc((size_t)argc, sizeof(*files));
	if (!files || processors < 1 || how == '?') {
		fputs("usage: wordcount [-p N] [-r | -m] [-c] [FILE...]\n", stderr);
		return 2;
	}
	for (end = files; end < files + argc; end++) {
		end->name = *argv ? *argv++ : "";
		end->map = how ? how == 'm' : (end - files) % 2;
		/* wc's columns are as wide as the sum of the sizes. */
		if (is_stdin(end) ? fstat(0, &st) : stat(end->name, &st))
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long)st.st_size;
		else
			least_width = 7;
	}
	for (; sum >= 10; sum /= 10)
		width++;
	if (width < least_width)
		width = least_width;

	ret = threads_run(count_files, NULL, processors);
	if (ret < 0)
		fprintf(stderr, "wordcount: %s%s\n", strerror(-ret),
			ret == -ENOSYS ? " (try: npx vpi run)" : "");
	if (fclose(stdout)) {
		perror("wordcount: standard output");
		status = 1;
	}
	free(files);
	return ret < 0 ? 2 : status;
}
