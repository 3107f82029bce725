import type { PostmortemScenario } from './postmortem.ts';

/** What only the log of the standby tells. */
export const logScenarios: readonly PostmortemScenario[] = [
  {
    rule: 'standby/memory-too-small',
    name: 'huge pages that are not there',
    fault: async ({ standby }) => {
      await standby.stop();
      await standby.configure({ huge_pages: 'on', shared_buffers: '64GB' });
      await standby.tryStart();
    },
  },
];
