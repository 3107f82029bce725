import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { isAnswer } from '../../src/explain/explanation.ts';
import { shapesIn } from '../../src/explain/shapes.ts';
import { explained } from './explained.ts';

/** Lines as applications and PostgreSQL write them all day; what is in braces varies. */
const ordinary = [
  '2024-01-01 10:00:{n}.123 INFO  [http-nio-{n}] c.e.OrderController : order {n} created for user {n}',
  '2024-01-01 10:00:{n}.123 ERROR [worker-{n}] c.e.Payments : payment {n} refused: card expired',
  '10.0.0.{n} - - [01/Jan/2024:10:00:00 +0000] "GET /orders/{n} HTTP/1.1" 200 {n} "-" "curl/8.0"',
  'Jan  1 10:00:{n} web1 systemd[1]: Started Session {n} of User deploy.',
  'Jan  1 10:00:{n} web1 sshd[{n}]: Accepted publickey for deploy from 10.0.0.{n} port 40{n} ssh2',
  'level=warn ts=2024-01-01T10:00:{n}Z msg="retrying request" attempt={n} error="context deadline exceeded"',
  '{"level":"info","msg":"request completed","status":200,"ms":{n}}',
  'Traceback (most recent call last):',
  '  File "/app/main.py", line {n}, in handle',
  'ValueError: invalid literal for int() with base 10: "{n}"',
  'npm WARN deprecated package{n}@1.0.{n}: this package is no longer supported',
  'could not open file settings{n}.json, using defaults',
  'user {n} does not exist, creating it',
  'connection {n} closed by peer',
  'Password: (hidden)',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  duration: {n}.123 ms  statement: SELECT * FROM orders WHERE id = {n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  duplicate key value violates unique constraint "orders_{n}_key"',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop DETAIL:  Key (id)=({n}) already exists.',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop STATEMENT:  INSERT INTO notes VALUES (\'FATAL:  role "x{n}" does not exist\')',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  relation "orders_{n}" does not exist at character 15',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop ERROR:  column "note_{n}" does not exist at character 8',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  checkpoint starting: time',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  checkpoint complete: wrote {n} buffers (0.1%); 0 WAL file(s) added, 0 removed, {n} recycled; write=1.0 s, sync=0.1 s, total=1.2 s',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  automatic vacuum of table "shop.public.orders_{n}": index scans: 1',
  '2024-01-01 10:00:{n}.000 UTC [{n}] LOG:  connection received: host=10.0.0.{n} port=40{n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop LOG:  connection authorized: user=app database=shop application_name=web{n}',
  '2024-01-01 10:00:{n}.000 UTC [{n}] app@shop LOG:  disconnection: session time: 0:00:{n}.123 user=app database=shop host=10.0.0.{n}',
] as const;

/** What people look at all day on machines where no PostgreSQL is ill; several lines belong together. */
const machines = [
  `USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.1 168{n} 11372 ?        Ss   Jan01   0:0{n} /sbin/init
www-data    10{n}  0.0  0.4  55{n} 10544 ?        S    Jan01   0:11 nginx: worker process
mysql       20{n}  1.2 12.1 1802{n} 482{n} ?      Ssl  Jan01  90:{n} /usr/sbin/mysqld`,
  `postgres    3{n}  0.0  0.3 217{n} 27{n} ?        Ss   Jan01   0:14 /usr/lib/postgresql/16/bin/postgres -D /var/lib/postgresql/16/main
postgres    3{n}  0.0  0.1 217{n} 7{n} ?         Ss   Jan01   0:02 postgres: checkpointer
postgres    3{n}  0.0  0.1 217{n} 7{n} ?         Ss   Jan01   0:01 postgres: walwriter`,
  `Filesystem      Size  Used Avail Use% Mounted on
/dev/sda1        98G   {n}M   57G  41% /
tmpfs           7.8G     0  7.8G   0% /dev/shm
/dev/sdb1       492G  210G  257G  45% /srv/files{n}`,
  `State    Recv-Q   Send-Q     Local Address:Port      Peer Address:Port  Process
LISTEN   0        511              0.0.0.0:80             0.0.0.0:*      users:(("nginx",pid=1{n},fd=6))
LISTEN   0        128              0.0.0.0:22             0.0.0.0:*      users:(("sshd",pid=9{n},fd=3))`,
  `● nginx.service - A high performance web server
     Loaded: loaded (/lib/systemd/system/nginx.service; enabled; vendor preset: enabled)
     Active: active (running) since Mon 2024-01-01 10:00:00 UTC; {n}h ago
   Main PID: 1{n} (nginx)`,
  `● worker.service - Queue worker {n}
     Loaded: loaded (/etc/systemd/system/worker.service; enabled)
     Active: failed (Result: exit-code) since Mon 2024-01-01 10:00:00 UTC; {n}min ago`,
  `CONTAINER ID   IMAGE          COMMAND                  CREATED        STATUS          PORTS                    NAMES
3f2a9c{n}   redis:7        "docker-entrypoint.s…"   {n} days ago   Up {n} days      0.0.0.0:6379->6379/tcp   cache-{n}
77aa0c{n}   nginx:1.25     "/docker-entrypoint.…"   {n} days ago   Exited (0) 2 h   NAMES`,
  `services:
  web{n}:
    image: nginx:1.25
    ports: ["8080:80"]
    environment:
      PORT: "{n}"
    depends_on: [cache]
  cache:
    image: redis:7
    volumes: ["cache:/data"]`,
  ` id  | Name     | Status  | Owner
-----+----------+---------+-------
  {n} | invoice  | failed  | anna
  {n} | shipment | running | ben`,
  `worker_processes = {n}
log_level = 'info'
port = {n}
listen = '0.0.0.0'`,
  `total 24
drwxr-xr-x 4 deploy deploy 4096 Jan  1 10:00 releases{n}
-rw-r--r-- 1 deploy deploy  {n} Jan  1 10:00 Makefile
-rwxr-xr-x 1 deploy deploy  {n} Jan  1 10:00 run.sh`,
] as const;

/** What Kubernetes, Docker and the system say of everybody, without a word of PostgreSQL. */
const ofEverybody = [
  '0/3 nodes are available: 1 node(s) had volume node affinity conflict, 2 Insufficient cpu.',
  'Warning  Unhealthy  3m  kubelet  Readiness probe failed: HTTP probe failed with statuscode: 503',
  'Startup probe failed: dial tcp 10.1.2.3:8080: connect: connection refused',
  'Warning  BackOff  10s  kubelet  Back-off restarting failed container web in pod web-7d9f',
  'Warning  FailedAttachVolume  5m  attachdetach-controller  Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
  'Error from server (BadRequest): container "web" in pod "web-0" is waiting to start: PodInitializing',
  'Last State: Terminated Reason: OOMKilled Exit Code: 137',
  'Out of memory: Killed process 3121 (java) total-vm:8123456kB',
  'dependency failed to start: container web is unhealthy',
  'pod has unbound immediate PersistentVolumeClaims',
  'Warning  FailedMount  2m  kubelet  MountVolume.SetUp failed for volume "config" : configmap "web-config" not found',
  "chown: changing ownership of '/var/lib/mysql': Operation not permitted",
  "mkdir: cannot create directory '/bitnami/mariadb/data': Permission denied",
  'web_1 exited with code 137',
  '2024-01-01 10:00:00,123 ERROR: payment refused',
  'Error response from daemon: driver failed programming external connectivity on endpoint web (1f2e): Bind for 0.0.0.0:8443 failed: port is already allocated',
  'Warning  Failed  28s  kubelet  Failed to pull image "docker.io/bitnami/mysql:8.0": docker.io/bitnami/mysql:8.0: not found',
  'Warning  FailedScheduling  6m  default-scheduler  0/3 nodes are available: persistentvolumeclaim "cache-0" not found.',
  'Error from server (InternalError): Internal error occurred: failed calling webhook "validate.nginx.ingress.kubernetes.io": failed to call webhook: context deadline exceeded',
  '{"level":"error","msg":"Reconciler error","controllerKind":"Certificate","name":"web","error":"issuer web not found"}',
  'Message:  The node was low on resource: memory. Container web was using 3Gi, request is 1Gi.',
  'PASSWORDS ERROR: You must provide your current passwords when upgrading the release. (mariadb)',
  "install: cannot change permissions of '/opt/app': No such file or directory",
] as const;

describe('false friends', () => {
  it.each(ofEverybody)('%s', async (text) => {
    expect((await explained(text)).filter(isAnswer).map(({ message }) => message)).toEqual([]);
    expect(shapesIn(text)).toEqual([]);
  });

  it.each(machines)('%s', async (text) => {
    const shown = text.replaceAll('{n}', '42');
    expect(shapesIn(shown).map(({ means }) => means)).toEqual([]);
    expect((await explained(shown)).filter(isAnswer).map(({ message }) => message)).toEqual([]);
  });

  it('100,000 lines of ordinary logs give nothing', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) =>
      (ordinary[index % ordinary.length] ?? '').replaceAll('{n}', String(index % 977)),
    );
    // in pieces of a few thousand lines, each of which is looked at as a whole
    for (let at = 0; at < lines.length; at += 4000) {
      const piece = lines.slice(at, at + 4000).join('\n');
      const found = (await explained(piece)).filter(isAnswer);
      expect(found.map(({ message, text }) => [message, text])).toEqual([]);
      expect(shapesIn(piece).map(({ text, means }) => [text, means])).toEqual([]);
    }
    // and what machines show of themselves, among them
    const shown = Array.from({ length: 8000 }, (_, index) =>
      [lines[index], (machines[index % machines.length] ?? '').replaceAll('{n}', String(index % 977))].join('\n'),
    );
    for (let at = 0; at < shown.length; at += 1000)
      expect(shapesIn(shown.slice(at, at + 1000).join('\n')).map(({ text, means }) => [text, means])).toEqual([]);
  }, 120_000);

  it.each(ordinary)('%s', async (line) => {
    const text = line.replaceAll('{n}', '42');
    const found = (await explained(text)).filter(isAnswer);
    expect(found.map(({ message }) => message)).toEqual([]);
    expect(shapesIn(text)).toEqual([]);
  });

  const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  const prose = readdirSync(modules)
    .filter((name) => !/^(?:\.|@|pg)/u.test(name))
    .flatMap((name) => {
      try {
        return [{ name, text: readFileSync(join(modules, name, 'README.md'), 'utf8') }];
      } catch {
        return [];
      }
    });

  it('prose gives nothing: the READMEs of other packages', async () => {
    expect(prose.length).toBeGreaterThan(20);
    const found = await Promise.all(
      prose.map(async ({ name, text }) => ({
        name,
        said: [...(await explained(text)), ...shapesIn(text)].filter(isAnswer),
      })),
    );
    expect(found.flatMap(({ name, said }) => said.map(({ message, text }) => [name, message, text]))).toEqual([]);
  }, 120_000);
});
