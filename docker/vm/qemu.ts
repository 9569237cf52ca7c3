/** QEMU's command line: the machine that every run boots. */

/** Which clock the guest has, and what executes it. */
export type Accelerator = 'kvm' | 'tcg' | 'icount';

export interface Machine {
  accelerator: Accelerator;
  smp: number;
  /** As QEMU reads it: `2048M`, `4G`. */
  memory: string;
  kernel: string;
  initrd: string;
  /** More of the kernel's command line. */
  append: string;
  /** Console log, a file. */
  console: string;
  /** A socket where somebody listens, who gets QEMU's monitor. */
  monitor?: string | undefined;
}

/** Sockets that this side listens on; see `docker/guest/channels.c` for the other end. */
export interface Channels {
  stdin: string;
  stdout: string;
  stderr: string;
  status: string;
}

/** Files for what a guest without channels leaves; see `docker/guest/recorder.c`. */
export interface Records {
  stdout: string;
  stderr: string;
  status: string;
}

const accelerators: Record<Accelerator, string[]> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max'],
  icount: [
    ...['-accel', 'tcg,thread=single', '-cpu', 'max', '-icount', 'shift=0,sleep=off'],
    ...['-rtc', 'base=2026-01-01T00:00:00,clock=vm', '-seed', '1'],
  ],
};

const alwaysAppended = 'console=ttyS0 quiet loglevel=5 printk.time=1 panic=-1 oops=panic nokaslr';

const appended: Record<Accelerator, string> = {
  kvm: '',
  tcg: 'clocksource=tsc tsc=reliable no_timer_check',
  // The clock runs ahead while the host is slow, and watchdogs would take that for a hang.
  icount: 'clocksource=tsc tsc=reliable norandmaps nowatchdog sysctl.kernel.hung_task_timeout_secs=0 rcupdate.rcu_cpu_stall_suppress=1',
};

/**
 * Not `pc`: its firmware's table of interrupt lines is a loop, which takes a kernel with KASAN half a minute for each
 * device; this one's is a constant. No disks and no sensors, which nobody has a driver for.
 */
const board = 'q35,usb=off,vmport=off,sata=off,smbus=off';

export function machineArguments(machine: Machine): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-machine', board],
    ...accelerators[machine.accelerator],
    ...['-smp', String(machine.smp), '-m', machine.memory],
    ...['-kernel', machine.kernel, '-initrd', machine.initrd],
    ...['-append', [alwaysAppended, appended[machine.accelerator], machine.append].filter(Boolean).join(' ')],
    ...['-chardev', `file,id=console,path=${escaped(machine.console)}`, '-serial', 'chardev:console'],
    ...(machine.monitor === undefined ? [] : ['-chardev', `socket,id=monitor,path=${escaped(machine.monitor)}`, '-mon', 'chardev=monitor,mode=readline']),
  ];
}

/** Ports 1 to 4 of one virtio serial device, and the host's files. */
export function channelArguments(channels: Channels, shared: string | undefined): string[] {
  const ports = [channels.stdin, channels.stdout, channels.stderr, channels.status];
  return [
    // First of the virtio devices: its ports are /dev/vport0p1 to /dev/vport0p4 then.
    ...['-device', 'virtio-serial-pci'],
    ...ports.flatMap((path, index) => [
      ...['-chardev', `socket,id=port${index + 1},path=${escaped(path)}`],
      ...['-device', `virtserialport,nr=${index + 1},chardev=port${index + 1}`],
    ]),
    ...['-device', 'virtio-rng-pci'],
    ...sharedTree('vpi-root', '/', 'readonly=on'),
    ...(shared === undefined ? [] : sharedTree('vpi-shared', shared, 'readonly=off')),
  ];
}

function sharedTree(tag: string, path: string, access: string): string[] {
  return [
    ...['-fsdev', `local,id=${tag},path=${escaped(path)},security_model=none,multidevs=remap,${access}`],
    ...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
}

/** Nothing that could interrupt the guest: three write-only I/O ports, each a file here. */
export function recordArguments(records: Records): string[] {
  const files = [records.stdout, records.stderr, records.status];
  return files.flatMap((path, index) => [
    ...['-chardev', `file,id=record${index},path=${escaped(path)}`],
    ...['-device', `isa-debugcon,iobase=${0x500 + index},chardev=record${index}`],
  ]);
}

/** QEMU's option lists separate by commas; a comma in a value is written twice. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}
