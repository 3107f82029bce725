import type { ContainerNear } from '../facts/containers.ts';
import { ifSeen, notApplicable, seen, unseen } from '../facts/observed.ts';
import type { ContainerNear as NearOnHost } from '../hosts/engine-containers.ts';
import { readControlFile } from '../postgres/control-file.ts';
import { parsePostmasterPid, portIn } from '../postgres/postmaster-files.ts';
import { defineCheck } from './check.ts';

/**
 * What else the engine of a container runs: where the way to the primary ends before a server has spoken, and where the next
 * start of this server would make a primary of it.
 */
export const containersCheck = defineCheck({
  brings: ['containers'],
  after: ['replicationLogin', 'dataDirectory', 'controlFile'],
  async look({ replicationLogin, dataDirectory, controlFile }, { host }) {
    if (host.containers === undefined) return { containers: notApplicable('the server is not in a container') };
    const [directory, control] = [ifSeen(dataDirectory), ifSeen(controlFile)];
    const startsAsPrimary =
      directory !== undefined &&
      directory.postmaster?.process !== 'running' &&
      control?.ok === true &&
      !directory.signals.standby;
    if (!startsAsPrimary) {
      if (replicationLogin.status !== 'seen') return { containers: replicationLogin };
      const { outcome } = replicationLogin.value;
      if (outcome.accepted || !isSilence.has(outcome.decisive.outcome.kind))
        return { containers: notApplicable('the primary has answered') };
    }
    const near = await host.containers();
    if (!near.ok) return { containers: unseen('tool', near.problem.message) };
    const { engine, own, others } = near.value;
    return {
      containers: seen({ engine, own: withCluster(own), others: others.map(withCluster) }, `${engine} inspect`),
    };
  },
});

const isSilence: ReadonlySet<string> = new Set([
  ...['not-resolved', 'refused', 'unreachable', 'timed-out', 'closed', 'no-socket'],
]);

function withCluster({
  controlFile,
  command = [],
  environmentPort,
  lockFile = '',
  ...near
}: NearOnHost): ContainerNear {
  const port = portIn(command) ?? portWritten(lockFile) ?? environmentPort;
  const container = port !== undefined && /^\d{1,5}$/u.test(port) ? { ...near, serverPort: Number(port) } : near;
  const read = controlFile === undefined ? undefined : readControlFile(controlFile);
  if (read?.ok !== true) return { ...container, cluster: undefined };
  const { systemIdentifier, state, checkpoint } = read.value;
  return { ...container, cluster: { systemIdentifier, state, timeline: checkpoint.timeline } };
}

function portWritten(lockFile: string): string | undefined {
  const read = parsePostmasterPid(lockFile);
  return read.ok ? read.value.port?.toString() : undefined;
}
