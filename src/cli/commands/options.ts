import { Option } from 'commander';

import { fleetFormatNames } from '../../report/fleet/formats.ts';
import { outputOption } from '../options/outputs.ts';
import { colorChoice, failOnChoice, formatChoice, milliseconds } from '../options/own-options.ts';

export const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'the longest wait for each external check')
    .argParser(milliseconds)
    .default(5000, '5');

export const sinceOption = (): Option =>
  new Option('--since <report>', 'a report of an earlier run (--format json): what is new, gone, and the same');

export const formatOption = (): Option =>
  new Option(`--format <${outputOption.value}>`, outputOption.help).argParser(repeated).default([], '');

export const fleetFormatOption = (): Option =>
  new Option(
    `--format <${outputOption.value}>`,
    `the format, on standard output or in FILE; may be repeated, each with its own FILE: ${fleetFormatNames.join(', ')}; ndjson is one object for each target as it comes (default stylish)`,
  )
    .argParser(repeated)
    .default([], '');

export const failOnOption = (): Option =>
  new Option('--fail-on <error|warning|info>', 'the lowest severity that gives exit status 1')
    .argParser(failOnChoice)
    .default('error', 'error');

export const fullOption = (): Option =>
  new Option('--full', 'show every finding, all evidence and all passed checks').default(false, '');

export const colorOption = (): Option =>
  new Option('--color <auto|always|never>', 'use color').argParser(colorChoice).default('auto', 'auto');

export const configOption = (): Option =>
  new Option('--config <file>', 'the configuration (default: standbylint.config.json here or in a parent directory)');

/** Of what is not a report. */
export const textOrJson = (help: string): Option =>
  new Option('--format <stylish|json>', help).argParser(formatChoice).default('stylish', 'stylish');
