/*
 * wordcount [-p PROCESSORS] [-c] [FILE...]: lines, words and bytes, as LC_ALL=C
 * wc prints them. Each file has a thread, and every other file is not read but
 * mapped: page faults bring it. -c drops them from the page cache first.
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
	bool opened, in_word;
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
		bool space = *p == ' ' || (*p >= '\t' && *p <= '\r');
		bool begins = !f->in_word && *p > ' ' && *p <= '~';

		f->lines += *p == '\n';
		f->words += begins;
		f->in_word = !space && (f->in_word || begins);
	}
	thread_yield();
}

static bool is_stdin(const struct file *f)
{
	return !*f->name || !strcmp(f->name, "-");
}

static void count_file(void *arg)
{
	struct file *f = arg;
	int fd = result(is_stdin(f) ? dup(0) : open(f->name, O_RDONLY));
	unsigned char chunk[CHUNK], *p = MAP_FAILED;
	struct stat st;

	f->error = fd < 0 ? fd : result(fstat(fd, &st));
	f->opened = !f->error;
	if (!f->opened)
		return;
	if (cold)
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if ((f - files) % 2 && !is_stdin(f))
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {		/* wanted, or it is empty, a pipe ... */
		while ((f->error = result(read(fd, chunk, CHUNK))) > 0)
			count(f, chunk, (size_t)f->error);
	} else {
		while (f->bytes + CHUNK < (size_t)st.st_size)
			count(f, p + f->bytes, CHUNK);
		count(f, p + f->bytes, (size_t)st.st_size - f->bytes);
		munmap(p, (size_t)st.st_size);
	}
	close(fd);
}

static void print(const struct file *f)
{
	if (f->error) {
		fprintf(stderr, "wordcount: %s: %s\n", f->name,
			strerror(-f->error));
		status = 1;
	}
	if (f->opened)
		printf("%*lu %*lu %*lu%s%s\n", width, f->lines, width, f->words,
		       width, f->bytes, *f->name ? " " : "", f->name);
	total.lines += f->lines;
	total.words += f->words;
	total.bytes += f->bytes;
}

static void count_files(void *no_vp)
{
	struct vpi_status st;
	struct file *ahead = files;

	for (struct file *f = files; f < end; f++) {
		for (; ahead < end && ahead < f + AHEAD; ahead++)
			ahead->thread = thread_create(count_file, ahead);
		if (f->thread)
			thread_join(f->thread);
		else
			count_file(f);	/* no memory for a thread */
		print(f);
	}
	if (end > files + 1)
		print(&total);
	if (vpi_kernel_status_of(no_vp, &st) == 0)
		fprintf(stderr, "wordcount: %llu blocks, %llu upcalls, %d VPs\n",
			st.blocks, st.seen + st.unblocked, vpi_get_vp_count());
}

int main(int argc, char **argv)
{
	int processors = vpi_get_cpu_count(), option, ret;
	unsigned long sum = 0, least = 0;
	struct stat st;

	while ((option = getopt(argc, argv, "p:c")) != -1) {
		if (option == 'c')
			cold = true;
		else
			processors = option == 'p' ? atoi(optarg) : 0;
	}
	argv += optind;
	argc = argc > optind ? argc - optind : 1;
	files = calloc((size_t)argc, sizeof(*files));
	if (!files || processors < 1) {
		fputs("usage: wordcount [-p PROCESSORS] [-c] [FILE...]\n", stderr);
		return 2;
	}
	/* wc's columns are as wide as the sum of the sizes of regular files. */
	for (end = files; end < files + argc; end++) {
		end->name = *argv ? *argv++ : "";
		if (is_stdin(end) ? fstat(0, &st) : stat(end->name, &st))
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long)st.st_size;
		else
			least = 1000000;	/* 7 digits */
	}
	for (sum = sum < least ? least : sum; sum >= 10; sum /= 10)
		width++;
	ret = threads_run(count_files, NULL, (argc < AHEAD ? argc : AHEAD) + 1,
			  processors);
	if (ret < 0)
		fprintf(stderr, "wordcount: %s%s\n", strerror(-ret),
			ret == -ENOSYS ? " (try: npx vpi run)" : "");
	if (fclose(stdout)) {
		perror("wordcount: standard output");
		status = 1;
	}
	return ret < 0 ? 2 : status;
}
