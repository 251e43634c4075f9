import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BuildQueue } from '../../../registry/queue/buildQueue.ts';
import { simulate, team } from './simulation.ts';

const claim = (name: string, namespace = 'team', since = 0) => ({ namespace, name, pod: `${name}-1`, since });
const limits = { builds: 1, patience: 30_000 };

describe('whose turn it is', () => {
  test('200 images, 10 at once, builds of 2 s: within 1.3 times what 10 allow, first come first served', () => {
    const { started, peak, endedAt } = simulate(team('team', 200), { builds: 10 });
    assert.equal(started.length, 200);
    assert.equal(peak, 10);
    assert.ok(endedAt <= 1.3 * 20 * 2000, `it took ${endedAt} ms`);
    const order = started.map(({ name }) => Number(name.replace('team-', '')));
    const off = order.map((number, place) => Math.abs(number - place));
    assert.ok(Math.max(...off) <= 10, `one of them was ${Math.max(...off)} places off`);
    const asked = started.reduce((sum, each) => sum + each.asked, 0) / started.length;
    assert.ok(asked <= 10, `an image asked ${asked} times`);
  });

  test('builds of a minute are asked about seldom', () => {
    const { started, endedAt } = simulate(team('team', 60, { takes: 60_000 }), { builds: 10 });
    assert.ok(endedAt <= 1.3 * 6 * 60_000, `it took ${endedAt} ms`);
    assert.ok(started.every(({ asked }) => asked <= 40));
  });

  test("one team's 500 images do not hold up another's one", () => {
    const { started } = simulate([...team('many', 500), ...team('one', 1, { at: 5000 })], { builds: 4 });
    const one = started.find(({ namespace }) => namespace === 'one')?.startedAt ?? Number.NaN;
    assert.ok(one - 5000 <= 3000, `it waited ${one - 5000} ms`);
  });

  test('namespaces take turns, though there are more of them than slots', () => {
    const teams = ['a', 'b', 'c', 'd'];
    const jobs = teams.flatMap((name) => team(name, 20, { every: 1, at: teams.indexOf(name) * 1000 }));
    const { started } = simulate(jobs, { builds: 1 });
    const half = started.slice(20, 60).map(({ namespace }) => namespace);
    for (const name of teams) {
      const had = half.filter((each) => each === name).length;
      assert.ok(Math.abs(had - 10) <= 1, `${name} had ${had} of 40 turns`);
    }
  });

  test('four Pods that cannot be scheduled do not hold up the rest', () => {
    const stuck = team('team', 4).map(({ namespace, name, at }) => ({
      namespace,
      name: `stuck-${name}`,
      at,
    }));
    const jobs = [...stuck, ...team('team', 20, { at: 1000 })];
    const { started, endedAt } = simulate(jobs, { builds: 4, patience: 5000 });
    assert.equal(started.length, 24);
    assert.ok(endedAt <= 1.3 * (5000 + 5 * 2000), `it took ${endedAt} ms`);
  });

  test('a namespace whose Pods never run is not given more and more of them', () => {
    const jobs = team('team', 100).map(({ namespace, name, at }) => ({ namespace, name, at }));
    const queue = new BuildQueue({ builds: 4, patience: 5000 });
    let pods = 0;
    for (let now = 0; now < 500_000; now += 1000)
      for (const { namespace, name } of jobs)
        pods += queue.start(claim(name, namespace), now).turn === 'Go' ? 1 : 0;
    const { stuck } = queue.counts(500_000);
    assert.ok(stuck <= 12, `${stuck} Pods were made`);
    assert.ok(pods > 0);
    assert.equal(queue.start(claim('other', 'other'), 500_000).turn, 'Go', 'others go on');
  });
});

describe('a slot', () => {
  test('is had by one at a time, and comes to the next in line', () => {
    const queue = new BuildQueue(limits);
    assert.equal(queue.start(claim('one'), 0).turn, 'Go');
    assert.deepEqual(queue.start(claim('two'), 10), { turn: 'Wait', place: 1, of: 1, askAgainSeconds: 2.1 });
    const third = queue.start(claim('three'), 20);
    assert.deepEqual([third.turn, 'place' in third && third.place], ['Wait', 2]);
    queue.free('team', 'one', 100);
    assert.equal(queue.start(claim('three'), 200).turn, 'Go', 'two sleeps for long, and is passed over');
    queue.free('team', 'three', 1300);
    assert.equal(queue.start(claim('four'), 1300).turn, 'Wait', 'two is about to ask, and before it');
    assert.equal(queue.start(claim('two'), 2110).turn, 'Go');
  });

  test('asked for twice is the same one, and its age is known', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 1000);
    assert.deepEqual(queue.start(claim('one'), 9000), { turn: 'Go', since: '1970-01-01T00:00:01.000Z' });
    const next = { ...claim('one'), pod: 'one-2' };
    assert.deepEqual(queue.start(next, 12_000), { turn: 'Go', since: '1970-01-01T00:00:12.000Z' });
    assert.deepEqual(queue.counts(12_000), { building: 1, stuck: 0, waiting: 0 });
  });

  test('whose Pod does not run is lent on, and counts again once it runs', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 0);
    queue.hold(claim('one'), false, 100);
    assert.equal(queue.start(claim('two'), 30_000).turn, 'Wait');
    assert.equal(queue.start(claim('two'), 30_100).turn, 'Go');
    queue.hold(claim('one'), true, 31_000);
    queue.free('team', 'two', 32_000);
    assert.equal(queue.start(claim('three'), 32_000).turn, 'Wait');
  });

  test('whose Pod does not even appear is lent on after twice as long', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 0);
    assert.equal(queue.start(claim('two'), 59_000).turn, 'Wait');
    assert.equal(queue.start(claim('two'), 60_000).turn, 'Go');
  });

  test('that nobody speaks of any more is taken back', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 0);
    queue.hold(claim('one'), true, 1000);
    assert.equal(queue.start(claim('two'), 600_000).turn, 'Wait');
    assert.equal(queue.start(claim('two'), 601_000).turn, 'Go');
  });

  test('whoever is ahead and does not come is passed over, and has its place when it comes', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 0);
    queue.start(claim('two'), 0);
    queue.start(claim('three'), 10_000);
    queue.free('team', 'one', 10_500);
    assert.equal(queue.start(claim('three'), 10_600).turn, 'Go');
    queue.start(claim('four', 'team', 5000), 10_700);
    const two = queue.start(claim('two'), 11_700);
    assert.equal('place' in two && two.place, 1);
  });

  test('a Pod that is there counts, though nobody gave it a slot', () => {
    const queue = new BuildQueue(limits);
    queue.hold(claim('one'), true, 0);
    assert.equal(queue.start(claim('two'), 10).turn, 'Wait');
  });

  test('asked twice within a second the place is the same, so that no status is written for nothing', () => {
    const queue = new BuildQueue({ builds: 4, patience: 30_000 });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) queue.start(claim(name), 0);
    const first = queue.start(claim('g'), 10);
    queue.free('team', 'a', 20);
    queue.start(claim('e'), 30);
    assert.deepEqual(queue.start(claim('g'), 40), first);
  });
});

test('never more builds than slots, nobody is forgotten, whatever comes when', () => {
  const job = fc.record({
    namespace: fc.constantFrom('a', 'b', 'c'),
    at: fc.nat(20_000),
    takes: fc.integer({ min: 100, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(job, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (drawn, builds) => {
      const jobs = drawn.map((each, index) => ({ ...each, name: `image-${index}` }));
      const { started, peak } = simulate(jobs, { builds });
      assert.ok(peak <= builds, `${peak} at once`);
      assert.equal(new Set(started.map(({ name }) => name)).size, jobs.length);
      assert.equal(started.length, jobs.length);
    }),
    { numRuns: 200 },
  );
});
