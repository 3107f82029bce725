import { namesPostgres, ofPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

/** What the service manager, Kubernetes and the kernel say of the process or container of a server. */
export const answersAboutServices: readonly Answer[] = [
  {
    id: 'service-timeout',
    of: ['service-timeout'],
    among: ofPostgres,
    says: [
      '%s.service: start operation timed out. Terminating.',
      '%s.service: Start operation timed out. Terminating.',
      'start-pre operation timed out. Terminating.',
      "%s.service: Failed with result 'timeout'.",
      'Active: failed (Result: timeout)',
      'Job for %s.service failed because a timeout was exceeded',
    ],
    source: 'systemd, src/core/service.c',
    kind: 'cause',
    matters: 4,
    means:
      'systemd waited for the server to say that it has started, lost patience, and stopped it. The server itself may have been well: it was still recovering.',
    causes: [
      {
        cause:
          'Recovery takes longer than the start timeout (90 s by default): a crash, or a base backup with much WAL.',
        on: 'standby',
        check: 'systemctl show -p TimeoutStartUSec "postgresql*"; journalctl -u "postgresql*" -n 50 --no-pager',
        rule: 'network/server-starting',
      },
      {
        cause:
          'The standby cannot become consistent: it waits for WAL that does not come. Then its log says so, and more time does not help.',
        on: 'standby',
        check: 'ps aux | grep "[s]tartup.*\\(recovering\\|waiting\\)"',
        rule: 'streaming/not-connected',
      },
    ],
    todo: 'systemctl edit the unit: [Service], TimeoutStartSec=infinity. Then systemctl start it again, and watch its log.',
  },
  {
    of: ['service-timeout'],
    beside:
      /\bstop-(?:sigterm|sigabrt|post|watchdog)\b.{0,3} timed out|\b[Ss]top(?:ping|-\w+)?(?: operation)? timed out/u,
    matters: 4,
    means:
      'systemd asked the service to stop, it had not ended after TimeoutStopSec (90 s by default), and systemd killed what was left. PostgreSQL then recovers from its WAL when it starts again, as after a crash.',
    causes: [
      {
        cause:
          'PostgreSQL was still shutting down: its last checkpoint on a slow disk, WAL that was still to be archived or sent to a standby, or sessions that "smart" shutdown waits for.',
        on: 'standby',
        check: 'systemctl show -p TimeoutStopUSec -p KillMode <unit>; journalctl -u <unit> -n 50 --no-pager',
      },
      {
        cause:
          'Patroni was making a copy (pg_basebackup, a restore) and did not end with it: the copy is not complete, and Patroni makes it again.',
      },
    ],
    todo: 'Before it starts again, see that no process of the old server is left (pgrep -a postgres). Raise TimeoutStopSec with systemctl edit: an ordered shutdown is faster than a recovery.',
  },
  {
    id: 'service-failed',
    among: ofPostgres,
    says: [
      'Job for %s.service failed because the control process exited with error code',
      'Job for %s.service failed because the service did not take the steps required by its unit configuration',
      'Job for %s.service failed because a fatal signal was delivered',
      'Job for %s.service failed because of unavailable resources or another system error',
      'Failed to start PostgreSQL',
      'Failed with result %s',
      'Main process exited, code=exited, status=%s',
      'The PostgreSQL server failed to start. Please check the log output',
      'Error: /usr/lib/postgresql/%s/bin/pg_ctl %s exited with status %d',
      'Process exited with status %d',
    ],
    kind: 'consequence',
    matters: 4,
    saysNotWhy: true,
    means: 'The service manager only says that the server did not start. The reason is in the log of the server.',
    causes: [
      { cause: 'Show its last lines.', on: 'standby', check: 'journalctl -u "postgresql*" -n 50 --no-pager' },
      {
        cause: 'With logging_collector they are in a file.',
        on: 'standby',
        check: 'tail -50 "$(ls -t /var/log/postgresql/* /var/lib/pgsql/*/data/log/* 2>/dev/null | head -1)"',
      },
    ],
  },
  {
    id: 'container-exited',
    among: ofPostgres,
    says: ['Back-off restarting failed container', 'CrashLoopBackOff', '%s exited with code %d'],
    kind: 'consequence',
    matters: 2,
    means: 'The container ended and is started again. Its own log has the reason.',
    causes: [
      { cause: 'Show the log of the run before.', on: 'client', check: 'docker logs --tail 50 <container>' },
      { cause: 'In Kubernetes:', on: 'client', check: 'kubectl logs <pod> --previous --tail=50' },
    ],
  },
  {
    id: 'volume-in-use',
    says: ['Multi-Attach error for volume "%s"', 'Multi-Attach error for volume'],
    among: namesPostgres,
    source: 'Kubernetes, pkg/controller/volume/attachdetach/reconciler',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes does not give the volume to this pod: another node still has it. Two servers on one data directory would destroy it, so that is right.',
    causes: [
      {
        cause: 'The pod was moved, and its old node is down or has not released the volume yet.',
        on: 'client',
        check: 'kubectl get pods -o wide; kubectl get volumeattachments',
      },
      { cause: 'Two pods claim the same volume: each server needs its own (a StatefulSet with volumeClaimTemplates).' },
    ],
    todo: 'Wait until the old pod has ended. If its node is really off, delete the old pod (--force) or taint the node out-of-service; never while the old server may still run.',
  },
  {
    id: 'probe-kills',
    says: [
      'Container %s failed liveness probe, will be restarted',
      'Container %s failed startup probe, will be restarted',
      'Liveness probe failed: %s',
      'Startup probe failed: %s',
    ],
    among: new RegExp(`^(?![^]*pgpool)[^]*(?:${ofPostgres.source}|${namesPostgres.source})`, 'iu'),
    source: 'Kubernetes, pkg/kubelet/kuberuntime, prober',
    matters: 5,
    elsewhere: true,
    means:
      'Kubernetes asks the server whether it accepts connections, gets no, and restarts the container. A standby that is still replaying WAL never gets ready this way.',
    causes: [
      {
        cause: 'Recovery takes longer than the probe allows: each restart begins it again.',
        on: 'client',
        check:
          'kubectl logs <pod> --previous --tail=30; kubectl get pod <pod> -o yaml | grep -A8 -E "livenessProbe|startupProbe"',
      },
      { cause: 'The server cannot start, or waits for WAL that does not come: its log says why.' },
    ],
    todo: 'Give it a startupProbe with a high failureThreshold (or raise initialDelaySeconds of the liveness probe), and read the log of the server.',
  },
  {
    id: 'pod-initializing',
    says: [
      'is waiting to start: PodInitializing',
      'is waiting to start: ContainerCreating',
      'is waiting to start: trying and failing to pull image',
    ],
    among: namesPostgres,
    source: 'Kubernetes, pkg/registry/core/pod/strategy.go, LogLocation',
    kind: 'consequence',
    matters: 3,
    means:
      'The container of the server has not started yet, so it has no log: an init container, which makes the copy, or the mounting of the volume comes first.',
    causes: [
      {
        cause:
          'The init container fails or hangs: its own log says why (a base backup that cannot log in, a volume that it may not write).',
        on: 'client',
        check: 'kubectl logs <pod> --all-containers --prefix --tail=30',
      },
      {
        cause: 'The volume cannot be bound or mounted, or the image cannot be pulled.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20',
      },
    ],
  },
  {
    id: 'oom-killed',
    says: [
      'Out of memory: Killed process %d (postgres)',
      'Out of memory: Kill process %d (postgres)',
      'OOMKilled',
      'Memory cgroup out of memory: Killed process %d (postgres)',
    ],
    among: namesPostgres,
    source: 'Linux, mm/oom_kill.c',
    matters: 5,
    means:
      'Memory ran out, and the kernel ended a process: one of PostgreSQL where the line says so, otherwise one of the container that the text names.',
    causes: [
      {
        cause:
          'What was killed, and how much it had. "Memory cgroup" or OOMKilled: the limit of the container or unit was reached, not that of the machine.',
        on: 'host',
        check:
          'dmesg -T | grep -iE "killed process|memory cgroup" | tail -5; free -m; docker stats --no-stream 2>/dev/null',
      },
      {
        cause: 'What PostgreSQL may take: shared_buffers, and for each session work_mem, several times.',
        on: 'server',
        check: `psql -c "SELECT name, current_setting(name) FROM pg_settings WHERE name IN ('shared_buffers', 'work_mem', 'hash_mem_multiplier', 'maintenance_work_mem', 'max_connections')" -c "SELECT count(*) FROM pg_stat_activity"`,
      },
    ],
    todo: 'Lower work_mem or max_connections (a pooler), or raise the limit of the container. On a machine of its own: vm.overcommit_memory = 2 makes a query fail in place of the server.',
  },
];
