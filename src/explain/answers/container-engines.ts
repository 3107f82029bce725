import { namesPostgres } from '../answer.ts';
import type { Answer } from '../answer.ts';

const ofBitnamiImage = /^(?=[^]*\bbitnami\/)[^]*(?:postgres|pgpool|pgbouncer|repmgr)/iu;
const ofOtherImage = new RegExp(`^(?![^]*\\bbitnami\\/)[^]*(?:${namesPostgres.source})`, 'iu');

/** What Docker, Podman and containerd refuse before anything of PostgreSQL runs; `source` names the file that prints it. */
export const answersAboutContainerEngines: readonly Answer[] = [
  {
    id: 'published-port-taken',
    says: [
      'Bind for %s:%d failed: port is already allocated',
      'failed to bind host port for %s: address already in use',
      'failed to bind host port %s: address already in use',
      'failed to bind port %s: Error starting userland proxy: listen tcp4 %s: bind: address already in use',
      'Error starting userland proxy: listen tcp4 %s: bind: address already in use',
      'Error starting userland proxy: listen tcp %s: bind: address already in use',
      'ports are not available: exposing port TCP %s: bind: %s',
      'rootlessport listen tcp %s: bind: address already in use',
      'cannot listen on the TCP port: listen tcp4 %s: bind: address already in use',
    ],
    among: namesPostgres,
    source: 'moby/moby, daemon/libnetwork/portallocator; containers/podman, pkg/rootlessport; Docker Desktop',
    matters: 5,
    elsewhere: true,
    means:
      'The container was not started: the port that it publishes on the host is taken. PostgreSQL in it has not begun to run.',
    causes: [
      {
        cause: 'Another container publishes the same port, maybe one of the same compose file, or of an earlier try.',
        on: 'host',
        check: 'docker ps --format "{{.Names}} {{.Ports}}"',
      },
      {
        cause: 'A PostgreSQL server of the host itself listens there.',
        on: 'host',
        check: 'ss -ltnp | grep <port>',
      },
    ],
    todo: 'Publish another port of the host: in ports "5433:5432" that is the left one. Two containers on one network reach each other at 5432, whatever is published.',
  },
  {
    id: 'bitnami-image-gone',
    says: [
      'manifest for bitnami/%s not found: manifest unknown: manifest unknown',
      'docker.io/bitnami/%s: not found',
      'Failed to pull image "docker.io/bitnami/%s": %s',
      'Back-off pulling image "docker.io/bitnami/%s"',
      'failed to resolve reference "docker.io/bitnami/%s": not found',
    ],
    among: ofBitnamiImage,
    source: 'bitnami/containers, issue 83267 (the catalogue of August 2025)',
    matters: 5,
    elsewhere: true,
    means:
      'The image cannot be pulled. Bitnami has taken its images with a release in their tag away from docker.io/bitnami: a chart or compose file that names one does not work any more, unless the node still has it.',
    causes: [
      {
        cause: 'The old images are under docker.io/bitnamilegacy, with the same tags, and get no more updates.',
        on: 'client',
        check: 'docker manifest inspect docker.io/bitnamilegacy/postgresql:<tag>',
      },
    ],
    todo: 'In the chart: image.repository=bitnamilegacy/postgresql (and the repositories of its other images), with global.security.allowInsecureImages=true where the chart refuses it. That brings the pods up with their volumes as they are; plan to move to an image that is maintained.',
  },
  {
    id: 'image-not-pulled',
    says: [
      'manifest for %s not found: manifest unknown',
      'failed to resolve reference "%s": %s: not found',
      'pull access denied for %s, repository does not exist or may require %s',
      'pull access denied, repository does not exist or may require authorization',
      'reading manifest %s in %s: manifest unknown',
      'no matching manifest for %s in the manifest list entries',
      'toomanyrequests: You have reached your pull rate limit',
      'toomanyrequests: You have reached your unauthenticated pull rate limit',
      'Failed to pull image "%s": %s',
      'Back-off pulling image "%s"',
    ],
    among: ofOtherImage,
    source: 'containerd, core/remotes/docker; moby/moby, distribution; Kubernetes, pkg/kubelet/images/image_manager.go',
    matters: 4,
    elsewhere: true,
    means: 'The image cannot be pulled, so the container has not been started. A volume that it uses is not touched.',
    causes: [
      {
        cause:
          'Not found, manifest unknown: the name or the tag is wrong, or was removed. For "no matching manifest": the tag has no image for this architecture (arm64).',
        on: 'client',
        check: 'docker manifest inspect <image>',
      },
      {
        cause:
          'Denied, unauthorized: the registry wants a login (imagePullSecrets, docker login). toomanyrequests: the limit of Docker Hub; log in, or wait.',
        on: 'client',
        check: 'kubectl describe pod <pod> | tail -20',
      },
      { cause: 'A time-out or an unknown host: the node does not reach the registry (proxy, DNS).' },
    ],
  },
  {
    id: 'bind-source-missing',
    says: [
      'invalid mount config for type "bind": bind source path does not exist: %s',
      'Mounts denied: The path %s is not shared from the host and is not known to Docker',
      'Error: statfs %s: no such file or directory',
    ],
    among: namesPostgres,
    source: 'moby/moby, volume/mounts; containers/podman, pkg/specgen; Docker Desktop',
    matters: 5,
    elsewhere: true,
    means: 'The container was not made: the directory or file of the host that it is to mount does not exist.',
    causes: [
      {
        cause: 'The path is wrong, relative to another directory, or belongs to the machine that the engine runs on.',
        on: 'host',
        check: 'ls -ld <directory on the host>',
      },
    ],
    todo: 'Make the directory, with the user id of the image as its owner, or use a named volume. An old directory under another path may hold the data: look before you start with an empty one.',
  },
  {
    id: 'mount-file-directory',
    says: [
      'Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type',
      'Are you trying to mount a directory onto a file (or vice-versa)?',
    ],
    among: new RegExp(`${namesPostgres.source}|docker-entrypoint-initdb\\.d`, 'iu'),
    source: 'moby/moby, daemon/start.go',
    matters: 5,
    elsewhere: true,
    means:
      'The container was not started: a file of the image (a configuration or a script) was to be covered by a directory of the host. Docker makes a directory for a mount whose source does not exist.',
    causes: [
      {
        cause:
          'The file was missing on the host, or the path relative to another directory, when the container was first made: now there is an empty directory of that name.',
        on: 'host',
        check: 'docker inspect --format "{{json .Mounts}}" <container>; ls -ld <path on the host>',
      },
    ],
    todo: 'Move that empty directory away, put the file there, and make the container again (docker compose up --force-recreate).',
  },
  {
    id: 'container-name-taken',
    says: [
      'Conflict. The container name "%s" is already in use by container "%s". You have to remove (or rename) that container to be able to reuse that name.',
      'Conflict. The container name "%s" is already in use by container %s',
      'the container name "%s" is already in use by %s. You have to remove that container to be able to reuse that name',
    ],
    among: namesPostgres,
    source: 'moby/moby, daemon/names.go; containers/podman, libpod',
    matters: 4,
    elsewhere: true,
    means: 'A container of this name exists already, running or stopped, so no second one was made.',
    causes: [
      {
        cause: 'It may be the one that you want: see its state, its volume and its log first.',
        on: 'host',
        check:
          'docker ps -a --filter name=<container>; docker inspect --format "{{json .Mounts}}" <container>; docker logs --tail 20 <container>',
      },
    ],
    todo: 'Start it again (docker start <container>), or rename it (docker rename <container> <container>-old) and make the new one. Its data are in the volume that it mounts; without a volume they are in the container itself, and lost with it.',
  },
  {
    id: 'container-not-running',
    says: [
      'Error response from daemon: container %s is not running',
      'Container %s is restarting, wait until the container is running',
      'can only create exec sessions on running containers: container state improper',
      'OCI runtime exec failed: exec failed: cannot exec in a stopped state',
      'Error response from daemon: No such container: %s',
      'service "%s" is not running',
    ],
    among: new RegExp(`${namesPostgres.source}|standby|replica|primary`, 'iu'),
    source: 'moby/moby, daemon/container.go, exec.go; containers/podman, libpod; docker/compose',
    kind: 'consequence',
    matters: 3,
    elsewhere: true,
    means:
      'The command was to run in a container that does not run: it ended, is being restarted, or has another name. Its own log has the reason.',
    causes: [
      {
        cause: 'See its state and what it said last.',
        on: 'host',
        check: 'docker ps -a; docker logs --tail 50 <container>',
      },
    ],
    todo: 'To work on the volume of a server that does not start (pg_basebackup, pg_controldata), use a container beside it: docker run --rm -it --volumes-from <container> --user postgres <image> bash',
  },
  {
    id: 'mount-source-not-made',
    says: [
      "Error response from daemon: error while creating mount source path '%s': mkdir %s: %s",
      "error while creating mount source path '%s': mkdir %s: %s",
    ],
    among: namesPostgres,
    source: 'moby, volume/mounts/mounts.go, MountPoint.Setup',
    matters: 5,
    elsewhere: true,
    means:
      'The container was not started: the directory of the host that it mounts does not exist, and Docker could not make it.',
    causes: [
      {
        cause:
          'Docker Desktop ("/host_mnt", "operation not permitted", "permission denied"): that directory is not shared, or macOS does not let Docker in (Settings, Resources, File sharing; Privacy and Security, Files and Folders).',
        on: 'host',
        check: 'ls -ld <directory>',
      },
      {
        cause:
          '"file exists": a file has that name, or a mount there is stale (WSL, a network share): wsl --shutdown, or mount it again.',
        on: 'host',
        check: 'stat <directory>; findmnt -T <directory>',
      },
      {
        cause:
          '"read-only file system": Docker from snap, or an operating system that is read-only there (/srv, /mnt, /).',
        on: 'host',
        check: 'findmnt -T <directory>; snap list docker',
      },
    ],
    todo: 'Make the directory yourself, under the home directory or another place that may be written, or use a named volume.',
  },
  {
    id: 'network-volume-not-mounted',
    says: [
      "error while mounting volume '%s': failed to mount local volume: mount %s: connection refused",
      'failed to mount local volume: mount %s: connection refused',
      "error while mounting volume '%s': failed to mount local volume: mount %s",
      'failed to mount local volume: mount %s',
    ],
    among: namesPostgres,
    source: 'moby, daemon/volume/local/local_unix.go; mount(2), nfs(5)',
    matters: 5,
    elsewhere: true,
    means:
      'The container was not started: Docker could not mount its volume. No server of PostgreSQL was asked; an address in that line is the one of a file server.',
    causes: [
      {
        cause:
          '"no such file or directory": the directory (device) does not exist on this machine, or the NFS server does not export it to this machine.',
        on: 'host',
        check: 'docker volume inspect <volume>; showmount -e <file server>',
      },
      {
        cause:
          '"connection refused", "no route to host", "connection timed out": the NFS server is down, or a firewall is between (port 2049; for version 3 port 111 and mountd, too).',
        on: 'host',
        check: 'nc -vz <file server> 2049; rpcinfo -p <file server>',
      },
      {
        cause: '"permission denied", "operation not permitted": its exports do not name this machine.',
        on: 'host',
        check: 'showmount -e <file server>',
      },
    ],
    todo: 'The options of a volume are kept from when it was made: after a change in the compose file, docker volume rm <volume> (with NFS or a bind, its data stays where it is) and start again.',
  },
  {
    id: 'program-not-executable',
    says: [
      'unable to start container process: exec: "%s": permission denied: unknown',
      'exec: "%s": permission denied: unknown',
      'exec: "%s": permission denied',
      'exec %s: permission denied',
    ],
    among: namesPostgres,
    source: 'opencontainers/runc, libcontainer/init_linux.go; Linux, execve(2)',
    matters: 5,
    elsewhere: true,
    means:
      'The container was made, and its first program may not be executed there. No file of PostgreSQL is meant; nothing has run.',
    causes: [
      {
        cause:
          'A script that was mounted or copied has no execute bit (from Windows, or by a ConfigMap without defaultMode 0755).',
        on: 'host',
        check:
          'ls -l <script on the host>; docker inspect --format "{{json .Config.Entrypoint}} {{json .Config.Cmd}}" <container>',
      },
      {
        cause:
          'The program is on a volume that is mounted noexec. The instance manager of CloudNativePG (/controller/manager) is copied to an emptyDir, which is on the file system of /var/lib/kubelet of that node.',
        on: 'host',
        check: 'findmnt -no OPTIONS -T /var/lib/kubelet; findmnt -no OPTIONS -T /var/lib/docker',
      },
      {
        cause: 'SELinux, AppArmor or a hardening agent of that node forbids it: on another node it works.',
        on: 'host',
        check: 'getenforce; dmesg -T | grep -iE "denied|apparmor" | tail -5',
      },
    ],
  },
  {
    id: 'script-line-ends',
    says: [
      '/bin/bash^M: bad interpreter: No such file or directory',
      '/bin/sh^M: bad interpreter: No such file or directory',
      "$'\\r': command not found",
      "env: 'bash\\r': No such file or directory",
      'exec /usr/local/bin/docker-entrypoint.sh: no such file or directory',
    ],
    among: new RegExp(`${namesPostgres.source}|docker-entrypoint`, 'iu'),
    source: 'bash, execute_cmd.c; coreutils, env',
    matters: 5,
    elsewhere: true,
    means:
      'The script has the line ends of Windows (CR LF), so its first line names an interpreter that does not exist. It was not run, or only in part.',
    todo: "Convert it: sed -i 's/\\r$//' <script>, and keep git from doing it again (.gitattributes: *.sh text eol=lf). Scripts of /docker-entrypoint-initdb.d run only while the data directory is created.",
  },
  {
    id: 'wrong-architecture',
    says: [
      'exec /usr/local/bin/docker-entrypoint.sh: exec format error',
      'exec %s: exec format error',
      'standard_init_linux.go:%d: exec user process caused: exec format error',
    ],
    among: namesPostgres,
    source: 'Linux, execve(2); opencontainers/runc',
    matters: 5,
    elsewhere: true,
    means: 'The image is for another processor than that of this machine (amd64 and arm64), so nothing in it runs.',
    causes: [
      {
        cause: 'What the image is for, and what the machine is.',
        on: 'host',
        check: 'docker image inspect --format "{{.Os}}/{{.Architecture}}" <image>; uname -m',
      },
    ],
    todo: 'Pull the image for this machine (docker pull --platform linux/<architecture> <image>). A physical standby needs the same architecture as its primary.',
  },
];
