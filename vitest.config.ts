import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // `npm run scenarios` plays nothing else
    include: [process.env['STANDBYLINT_MATRIX'] === 'whole' ? 'test/scenarios/*.test.ts' : 'test/**/*.test.ts'],
    globalSetup: ['test/lab/global-setup.ts'],
    setupFiles: ['test/lab/each-file.ts'],
    // the tests wait for servers more than they compute
    maxWorkers: '100%',
    // servers are started and copied, on two cores, by several test files at once
    // in CI a server that was slow once gets another chance, and the report shows that it did
    retry: process.env['CI'] === 'true' ? 2 : 0,
    // npm run coverage: what judges and tells, by the tests that need no server
    coverage: {
      include: ['src/{postgres,facts,findings,derived,remedies,rules,diagnosis,report,explain}/**'],
      reporter: ['text-summary'],
      thresholds: { lines: 95, branches: 88 },
    },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
