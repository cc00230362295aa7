/** The command line of an application: options in, and every failure one clear line and an exit code. */

import { type Command, CommanderError } from 'commander';

/** The command line is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It cannot be done, and the message says what to do about it: exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/**
 * Runs `program` on the arguments of this process. Bad usage is told in one line and ends with 2, any
 * other failure in one line with 1. Bugs keep their stack.
 */
export async function runProgram(program: Command): Promise<void> {
  surviveClosedOutput();
  program.exitOverride().configureOutput({ writeErr: () => {} });
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync();
  } catch (error) {
    const { exitCode, line } = explain(error, program.name());
    if (line !== '') console.error(line);
    process.exitCode = exitCode;
  }
}

/** What to print and how to end; an unknown error gives its stack. */
export function explain(error: unknown, name: string): { readonly exitCode: number; readonly line: string } {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { exitCode: 0, line: '' };
    return { exitCode: 2, line: `${oneLine(name, error.message.replace(/^error: /, ''))}; see --help` };
  }
  if (error instanceof UsageError) return { exitCode: 2, line: `${oneLine(name, error.message)}; see --help` };
  if (error instanceof Failure || isSystemError(error)) return { exitCode: 1, line: oneLine(name, error.message) };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: 1, line: `${name}: this is a bug: ${text}` };
}

/** System errors and those of the TUN device carry a code as EPERM; their text is meant for people. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code);
}

function oneLine(name: string, message: string): string {
  return `${name}: ${message
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')}`;
}

/** `demo | head` is no failure. */
function surviveClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
