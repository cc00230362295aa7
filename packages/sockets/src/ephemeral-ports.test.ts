/** Ephemeral ports: RFC 6056 §3.3.4, in a range with holes. */

import { sipKey } from '@tcpstack/seq/siphash';
import { ipv4Address } from '@tcpstack/wire/ip-address';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds } from '../test/holds.ts';
import { EphemeralPorts, type PortSettings, parsePorts } from './ephemeral-ports.ts';

const LOCAL = ipv4Address(1);
const DEFAULTS: PortSettings = { localPortRange: [32_768, 60_999], localReservedPorts: '' };
const always = () => true;

function portsOf(settings: Partial<PortSettings> = {}, secret = 1): EphemeralPorts {
  return new EphemeralPorts(sipKey(new Uint8Array(16).fill(secret)), { ...DEFAULTS, ...settings });
}

function towards(ports: EphemeralPorts, remote: number, isFree: (port: number) => boolean = always): number {
  return ports.chooseTowards(LOCAL, ipv4Address(remote), 80, isFree);
}

const range = fc
  .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 0, max: 40 }))
  .map(([min, more]): [number, number] => [min, Math.min(65_535, min + more)]);

describe('the range (ip_local_port_range, ip_local_reserved_ports)', () => {
  test('is used up to its last port before there is none, by both ways of choosing', () => {
    holds(
      fc.property(range, fc.boolean(), fc.nat(), ([min, max], toOne, remote) => {
        const ports = portsOf({ localPortRange: [min, max] });
        const taken = new Set<number>();
        const isFree = (port: number) => !taken.has(port);
        for (let i = min; i <= max; i++) taken.add(toOne ? towards(ports, remote, isFree) : ports.chooseAny(isFree));
        expect([...taken].sort((a, b) => a - b)).toEqual(Array.from({ length: max - min + 1 }, (_, i) => min + i));
        expect(toOne ? towards(ports, remote, isFree) : ports.chooseAny(isFree)).toBe(0);
      }),
    );
  });

  test('reserved ports are passed over, and a change of the settings counts at once', () => {
    const settings = { localPortRange: [100, 103] as [number, number], localReservedPorts: '100-101,103' };
    const ports = new EphemeralPorts(sipKey(new Uint8Array(16)), settings);
    for (let i = 0; i < 5; i++) expect([towards(ports, i), ports.chooseAny(always)]).toEqual([102, 102]);
    settings.localReservedPorts = '102,100-101';
    expect([towards(ports, 1), ports.chooseAny(always)]).toEqual([103, 103]);
    settings.localPortRange = [50, 50];
    expect(towards(ports, 1)).toBe(50);
  });

  test.each([
    ['', []],
    ['80', [80]],
    ['80,90-92', [80, 90, 91, 92]],
    ['65535', [65_535]],
  ])('"%s" is read', (text, ports) => {
    expect([...(parsePorts(text) ?? [-1])]).toEqual(ports);
  });

  test.each(['a', '80-', '-80', '90-80', '65536', '1-65536', '80 90'])('"%s" is no list of ports', (text) => {
    expect(parsePorts(text)).toBeNull();
  });
});

describe('what a stranger learns (RFC 6056 §3.3.4)', () => {
  test('destinations begin at places of their own, which depend on the secret', () => {
    const begins = [1, 2].flatMap((secret) => [10, 11, 12, 13].map((remote) => towards(portsOf({}, secret), remote)));
    expect(new Set(begins).size).toBe(8);
  });

  test('the ports of one destination rise, by steps that nobody can count with', () => {
    const ports = portsOf();
    const chosen = Array.from({ length: 200 }, () => towards(ports, 7));
    const steps = chosen.slice(1).map((port, i) => (port - (chosen[i] as number) + 28_232) % 28_232);
    expect(new Set(steps)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8].filter((step) => steps.includes(step))));
    expect(new Set(steps).size).toBeGreaterThan(4);
  });

  test('what goes to one destination does not move what goes to another, nearly always', () => {
    const [busy, idle] = [portsOf(), portsOf()];
    // The first of all fills the counters.
    towards(busy, 1);
    towards(idle, 1);
    for (let i = 0; i < 100; i++) towards(busy, 2);
    const others = Array.from({ length: 50 }, (_, i) => 1000 + i);
    const same = others.filter((remote) => towards(busy, remote) === towards(idle, remote));
    expect(same.length).toBeGreaterThan(45);
  });
});
