import { analyzeCommand } from './analyze.ts';
import { completionCommand } from './completion.ts';
import { configCommand } from './config.ts';
import { demoCommand } from './demo.ts';
import { explainCommand } from './explain.ts';
import { fleetCommand } from './fleet.ts';
import { initCommand } from './init.ts';
import { mcpCommand } from './mcp.ts';
import { mergeCommand } from './merge.ts';
import { reportCommand } from './report.ts';
import { rulesCommand } from './rules.ts';
import { undoCommand } from './undo.ts';
import { commandsAsTyped } from './as-typed.ts';

/** Every command, in the order of --help. */
export const commands = [
  ...commandsAsTyped,
  undoCommand,
  explainCommand,
  analyzeCommand,
  reportCommand,
  rulesCommand,
  fleetCommand,
  mergeCommand,
  mcpCommand,
  configCommand,
  initCommand,
  completionCommand,
  demoCommand,
];
