/** Which of the kernel's own tests are run, on the unpatched kernel and on the patched one. */

export interface UpstreamProgram {
  /** Below `tools/testing/selftests`. */
  directory: string;
  name: string;
  args?: readonly string[];
}

/** The basic tests of restartable sequences, as `run_param_test.sh` begins with. */
const paramTests = ['param_test', 'param_test_compare_twice', 'param_test_mm_cid', 'param_test_mm_cid_compare_twice'].flatMap((name) =>
  ['s', 'l', 'b', 'm', 'i', 'r'].map((test): UpstreamProgram => ({ directory: 'rseq', name, args: ['-T', test, '-r', '100', '-t', '8'] })),
);

function all(directory: string, names: string): UpstreamProgram[] {
  return names.split(' ').map((name) => ({ directory, name }));
}

/**
 * Left out: what measures how exact clocks are, which those of an emulated machine are not (the rest of `timers`); what
 * wants a device, a swap file or huge pages (parts of `cgroup`); static programs for `x86`, which cannot be preloaded; and
 * `sysret_ss_attrs_64`, at which an emulated processor faults, with any kernel.
 */
export const upstreamPrograms: readonly UpstreamProgram[] = [
  ...all('futex/functional', 'futex_wait_timeout futex_wait_wouldblock futex_requeue_pi futex_requeue_pi_signal_restart futex_requeue_pi_mismatched_ops'),
  ...all('futex/functional', 'futex_wait_uninitialized_heap futex_wait_private_mapped_file futex_wait futex_requeue futex_waitv'),
  ...[['-b'], ['-l'], ['-o'], ['-b', '-l'], ['-b', '-o']].map((args) => ({ directory: 'futex/functional', name: 'futex_requeue_pi', args })),
  ...all('rseq', 'basic_test basic_percpu_ops_test basic_percpu_ops_mm_cid_test'),
  ...paramTests,
  ...all('ptrace', 'get_syscall_info peeksiginfo vmaccess get_set_sud'),
  ...all('seccomp', 'seccomp_bpf'),
  ...all('sigaltstack', 'sas'),
  ...all('clone3', 'clone3 clone3_clear_sighand clone3_set_tid clone3_cap_checkpoint_restore'),
  ...all('exec', 'execveat non-regular recursion-depth null-argv load_address.0x1000 load_address.0x200000 load_address.0x1000000'),
  ...all('pidfd', 'pidfd_test pidfd_fdinfo_test pidfd_open_test pidfd_poll_test pidfd_wait pidfd_getfd_test pidfd_setns_test'),
  ...all('timers', 'posix_timers nanosleep mqueue-lat'),
  { directory: 'timers', name: 'threadtest', args: ['-t', '5', '-n', '8'] },
  ...all('cgroup', 'test_core test_freezer test_kill test_pids'),
  ...all('x86', 'single_step_syscall_64 syscall_nt_64 test_mremap_vdso_64 sigreturn_64 iopl_64 ioperm_64 test_vsyscall_64 mov_ss_trap_64'),
  ...all('x86', 'sigtrap_loop_64 syscall_arg_fault_64 fsgsbase_restore_64 sigaltstack_64 nx_stack_64 fsgsbase_64 sysret_rip_64 syscall_numbering_64'),
  ...all('x86', 'corrupt_xstate_header_64 amx_64 lam_64 test_shadow_stack_64'),
];

/** Those that `make` has to enter. */
export const upstreamDirectories: readonly string[] = [...new Set(upstreamPrograms.map(({ directory }) => directory))];

/** What the manager of `attach.c` changes by being there, one more thread of the process. */
export const changedByManager: readonly { program: string; result: string; why: string }[] = [
  { program: 'seccomp/seccomp_bpf', result: 'global.user_notification_filter_empty_threaded', why: 'waits until no thread has a filter any more; the manager has it, too' },
  { program: 'cgroup/test_core', result: 'test_cgcore_proc_migration', why: 'counts the threads of its process' },
];
