/** An unchanged program under the register hook, on a TUN device, with curl and a server of the kernel's beyond it. */

import { Namespace } from '@tcpstack/netns/namespace';
import { expect, test } from 'vitest';
import { kernelSuite } from '../src/suite.ts';

const PROGRAM = new URL('../src/unchanged-web.cjs', import.meta.url);
const PROCESSES = new URL('../../../packages/net/test/hooked/alike/processes.cjs', import.meta.url);
const REGISTER = new URL('../../../packages/net/src/register.ts', import.meta.url);
const SERVER =
  'require("http").createServer((q, a) => a.end("from the kernel")).listen(8080, () => console.log("ready"))';
const ENV = {
  TCPSTACK_TUN: 'tcp0',
  TCPSTACK_ADDRESS: '10.77.0.2/24, fd00::2/64',
  TCPSTACK_HOST_ADDRESS: '10.77.0.1/24, fd00::1/64',
};

kernelSuite('node --import @tcpstack/net/register', ['curl'], () => {
  test('a web server and its client cross the device, hold no kernel socket, and end by themselves', async () => {
    const namespace = new Namespace();
    try {
      const nodeOptions = ['--import', REGISTER.href];
      const theirs = namespace.spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((resolve) => theirs.stdout?.once('data', resolve));
      const program = namespace.node(PROGRAM, ['http://10.77.0.1:8080/'], { nodeOptions, env: ENV });
      expect(await program.line('listening ')).toBe('IPv6 80');
      expect(await program.line('got ')).toBe('from the kernel');
      const curl = (url: string): string => namespace.run('curl', '--silent', '--fail', '--max-time', '10', url);
      expect(curl('http://10.77.0.2/')).toBe('hello ::ffff:10.77.0.1 on ::ffff:10.77.0.2\n');
      expect(curl('http://[fd00::2]/')).toBe('hello fd00::1 on fd00::2\n');
      const sockets = namespace.run('ss', '-tanHp').split('\n');
      const held = (pid: number | undefined): number => sockets.filter((line) => line.includes(`pid=${pid},`)).length;
      expect(held(theirs.pid)).toBeGreaterThan(0);
      expect(held(program.child.pid)).toBe(0);
      curl('http://10.77.0.2/end');
      expect(await program.line('closed')).toBe('');
      await program.success();
      expect(namespace.run('ip', '-br', 'link')).not.toContain('tcp0');
    } finally {
      namespace.remove();
    }
  });

  test('threads and children of a program, to which Node hands the hook on, run with a stack of their own', async () => {
    const namespace = new Namespace();
    try {
      const nodeOptions = ['--import', REGISTER.href];
      const program = namespace.node(PROCESSES, [], { nodeOptions, env: ENV });
      for (const one of ['child', 'worker', 'thread']) await program.line(`${one} served`);
      await program.success();
      expect(program.said).toContain('has tcp0: this thread or process reaches only its own 127.0.0.1 and ::1');
    } finally {
      namespace.remove();
    }
  });

  test('a device that another program has: one line says so, exit 1', async () => {
    const namespace = new Namespace();
    try {
      const nodeOptions = ['--import', REGISTER.href];
      const first = namespace.node(PROGRAM, ['http://10.77.0.2/'], { nodeOptions, env: ENV });
      await first.line('listening ');
      const second = namespace.node(PROGRAM, [], { nodeOptions, env: ENV });
      expect(await second.end).toEqual({ code: 1, signal: null });
      expect(second.said).toMatch(/^@tcpstack\/net\/register: tcp0: EBUSY: [^\n]*\n$/);
    } finally {
      namespace.remove();
    }
  });
});
