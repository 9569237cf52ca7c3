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
	const char *name;	/* NULL: standard input, not named */
	struct thread *thread;
	bool map, opened, in_word;
	int error;		/* -errno */
	unsigned long lines, words, bytes;
} *files;
static int nfiles, width = 1, status;
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

static int open_file(const struct file *f)
{
	if (!f->name || !strcmp(f->name, "-"))
		return dup(0);
	return open(f->name, O_RDONLY);
}

static void count_file(void *arg)
{
	struct file *f = arg;
	int fd = result(open_file(f));
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
		fprintf(stderr, "wordcount: %s: %s\n", f->name ? f->name : "-",
			strerror(-f->error));
		status = 1;
	}
	if (f->opened)
		printf("%*lu %*lu %*lu%s%s\n", width, f->lines, width, f->words,
		       width, f->bytes, f->name ? " " : "",
		       f->name ? f->name : "");
}

static void count_files(void *unused)
{
	struct file total = { .name = "total", .opened = true };
	struct vpi_status st = { 0 };
	int started = 0;

	for (struct file *f = files; f < files + nfiles; f++) {
		for (; started < nfiles && &files[started] < f + AHEAD; started++)
			files[started].thread =
				thread_create(count_file, &files[started]);
		if (f->thread)
			thread_join(f->thread);
		else
			count_file(f);	/* no memory for its stack */
		print(f);
		total.lines += f->lines;
		total.words += f->words;
		total.bytes += f->bytes;
	}
	if (nfiles > 1)
		print(&total);
	vpi_kernel_status_of(NULL, &st);
	fprintf(stderr, "wordcount: %llu blocks, %llu upcalls, %d VPs\n",
		st.blocks, st.seen + st.unblocked, vpi_get_vp_count());
	(void)unused;
}

/* As wide as the sum of the sizes; wc looks at them before it counts, too. */
static void set_width(void)
{
	unsigned long sum = 0;
	int least = 1;

	for (struct file *f = files; f < files + nfiles; f++) {
		bool named = f->name && strcmp(f->name, "-");
		struct stat st;

		if (named ? stat(f->name, &st) : fstat(0, &st))
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long)st.st_size;
		else
			least = 7;
	}
	for (; sum >= 10; sum /= 10)
		width++;
	if (width < least)
		width = least;
}

int main(int argc, char **argv)
{
	int processors = vpi_get_cpu_count(), how = 0, option, ret;

	while ((option = getopt(argc, argv, "p:rmc")) != -1) {
		if (option == 'p')
			processors = atoi(optarg);
		else if (option == 'c')
			cold = true;
		else
			how = option;
	}
	if (processors < 1 || how == '?') {
		fprintf(stderr, "usage: wordcount [-p PROCESSORS] [-r | -m] "
			"[-c] [FILE...]\n");
		return 2;
	}
	nfiles = argc > optind ? argc - optind : 1;
	files = calloc((size_t)nfiles, sizeof(*files));
	if (!files) {
		perror("wordcount");
		return 2;
	}
	for (int i = 0; i < nfiles; i++) {
		files[i].name = argv[optind + i];
		files[i].map = how ? how == 'm' : i % 2;
	}
	set_width();
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
