import { afterAll } from 'vitest';

import { endOfFile } from './lifetime.ts';

// vitest runs this before each test file, with the modules of that file (setupFiles): what has a lifetime can then be
// imported where no test runs, as for the page of the scenarios
afterAll(endOfFile);
