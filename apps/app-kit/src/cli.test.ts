import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { explain, Failure, UsageError } from './cli.ts';

describe('explain', () => {
  it('ends with 2 for bad usage, in one line', () => {
    const unknown = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--sevre'\n(Did you mean --serve?)",
    );
    expect(explain(unknown, 'demo')).toEqual({
      exitCode: 2,
      line: "demo: unknown option '--sevre' (Did you mean --serve?); see --help",
    });
    expect(explain(new UsageError('--x needs --y'), 'demo')).toEqual({
      exitCode: 2,
      line: 'demo: --x needs --y; see --help',
    });
  });

  it('ends with 0 and says nothing more after --help', () => {
    expect(explain(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), 'demo')).toEqual({
      exitCode: 0,
      line: '',
    });
  });

  it('ends with 1 and one line for what cannot be done', () => {
    expect(explain(new Failure('do this'), 'demo')).toEqual({ exitCode: 1, line: 'demo: do this' });
    const system = Object.assign(new Error('tcp0: EPERM: run as root'), { code: 'EPERM' });
    expect(explain(system, 'demo')).toEqual({ exitCode: 1, line: 'demo: tcp0: EPERM: run as root' });
  });

  it('shows where a bug is', () => {
    const bug = Object.assign(new TypeError('x is undefined'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(explain(bug, 'demo').line).toContain('cli.test.ts');
  });
});
