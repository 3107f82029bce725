import type { ExaminedTarget, FleetReport } from '../../findings/fleet-report.ts';
import { inXml, junitXml, suiteOf } from '../junit.ts';
import type { TestSuite } from '../junit.ts';

/** A test suite for each target. */
export const fleetJunit = ({ targets, elapsedMs }: FleetReport): string =>
  junitXml(
    'standbylint fleet',
    elapsedMs,
    targets.map((one) => (one.report === null ? notExamined(one) : suiteOf(one.report, one.target))),
  );

const notExamined = ({ target, command, outcome, because, elapsedMs }: ExaminedTarget): TestSuite => ({
  tests: 1,
  failures: 0,
  errors: 1,
  lines: [
    `  <testsuite name="${inXml(target)}" tests="1" failures="0" errors="1" skipped="0" time="${elapsedMs / 1000}">`,
    `    <testcase classname="standbylint" name="${command}">`,
    `      <error type="${outcome}" message="${inXml(because ?? '')}"></error>`,
    '    </testcase>',
    '  </testsuite>',
  ],
});
