import type { PostmortemScenario } from './postmortem.ts';

/** What only the log of the standby tells. */
export const logScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'log/message',
    finding: 'log/shmem-map-failed',
    name: 'memory that the system does not give',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ huge_pages: 'on', shared_buffers: '64GB' });
      await standby.tryStart();
    },
    byHand: async (_step, { standby }) => standby.configure({ huge_pages: 'try', shared_buffers: '16MB' }),
  },
];
