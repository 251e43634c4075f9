import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BuildQueue } from '../../../registry/queue/buildQueue.ts';
import { simulate, team } from './simulation.ts';

const claim = (name: string, namespace = 'team', since = 0) => ({ namespace, name, pod: `${name}-1`, since });
const limits = { builds: 1, patience: 30_000 };

describe('whose turn it is', () => {
  for (const every of [0, 10, 80, 200])
    test(`200 images, ${every} ms apart, 10 at once, builds of 2 s: within 1.3 times what 10 allow, first come first served`, () => {
      const { started, peak, endedAt } = simulate(team('team', 200, { every }), { builds: 10 });
      assert.equal(started.length, 200);
      assert.equal(peak, 10);
      assert.ok(endedAt <= 1.3 * 20 * 2000, `it took ${endedAt} ms`);
      const order = started.map(({ name }) => Number(name.replace('team-', '')));
      const passed = order.map((number, at) => order.slice(0, at).filter((other) => other > number).length);
      assert.ok(Math.max(...passed) <= 10, `${Math.max(...passed)} went before one that came before them`);
      const asked = started.reduce((sum, each) => sum + each.asked, 0) / started.length;
      assert.ok(asked <= 6, `an image asked ${asked} times`);
    });

  test('images that come one by one while nobody waits are started at once', () => {
    const { started } = simulate(team('team', 20, { every: 3000 }), { builds: 1 });
    assert.ok(started.every(({ asked }) => asked === 1));
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
    assert.deepEqual(queue.start(claim('two'), 10), { turn: 'Wait', place: 1, of: 1, askAgainSeconds: 2.25 });
    const third = queue.start(claim('three'), 20);
    assert.deepEqual([third.turn, 'place' in third && third.place], ['Wait', 2]);
    queue.free('team', 'one', 100);
    assert.equal(queue.start(claim('three'), 200).turn, 'Go', 'two sleeps for long, and is passed over');
    queue.free('team', 'three', 1400);
    assert.equal(queue.start(claim('four'), 1400).turn, 'Wait', 'two is about to ask, and before it');
    assert.equal(queue.start(claim('two'), 2260).turn, 'Go');
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

  test('asked for early, the place is told as before, and the time: no status is written for nothing', () => {
    const queue = new BuildQueue({ builds: 4, patience: 30_000 });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) queue.start(claim(name), 0);
    const first = queue.start(claim('g'), 10);
    assert.ok(first.turn === 'Wait');
    queue.free('team', 'a', 20);
    assert.equal(queue.start(claim('e'), 30).turn, 'Go');
    assert.deepEqual(queue.start(claim('g'), 1010), { ...first, askAgainSeconds: first.askAgainSeconds - 1 });
  });

  test('a new place is told after half a minute, and not before', () => {
    const queue = new BuildQueue({ builds: 1, patience: 30_000 });
    for (const name of ['a', 'b', 'c']) queue.start(claim(name), 0);
    queue.hold(claim('a'), true, 100);
    queue.free('team', 'b', 1000);
    const place = (now: number): unknown => ({ place: 0, ...queue.start(claim('c'), now) }).place;
    assert.deepEqual([place(20_000), place(29_999), place(30_000)], [2, 2, 1]);
  });

  test('whoever could not be started yet gets none while others wait, and keeps its place', () => {
    const queue = new BuildQueue(limits);
    assert.equal(queue.start(claim('one'), 0, { ready: false }).turn, 'Go', 'nobody waits');
    assert.equal(queue.start(claim('two'), 0).turn, 'Wait');
    assert.equal(queue.start(claim('three', 'other'), 10, { ready: false }).turn, 'Wait');
    queue.free('team', 'one', 10_000);
    assert.equal(queue.start(claim('three', 'other'), 10_000, { ready: false }).turn, 'Wait');
    assert.equal(queue.start(claim('three', 'other'), 10_010).turn, 'Go');
  });

  test('nobody is passed over more often than there are slots', () => {
    const queue = new BuildQueue({ builds: 4, patience: 30_000 });
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) queue.start(claim(name), 0);
    queue.start(claim('sleeper'), 0);
    for (const name of names) queue.free('team', name, 1);
    const later = Array.from({ length: 8 }, (_, index) => `later-${index}`);
    const turns = later.map((name) => {
      const { turn } = queue.start(claim(name, 'team', 1000), 5000);
      if (turn === 'Go') queue.free('team', name, 5000);
      return turn;
    });
    assert.equal(
      turns.filter((turn) => turn === 'Go').length,
      8,
      'one slot of four is kept, and three are not',
    );
    for (const name of names) queue.start(claim(name, 'team', 2000), 5000);
    assert.equal(queue.start(claim('last', 'team', 3000), 5000).turn, 'Wait');
    assert.equal(queue.start(claim('sleeper'), 6000).turn, 'Go');
  });

  test('is free once what was to be made is there, but for another Pod of the image', () => {
    const queue = new BuildQueue(limits);
    queue.start(claim('one'), 0);
    queue.over({ ...claim('one'), pod: 'one-2' }, 10);
    assert.equal(queue.start(claim('two'), 20).turn, 'Wait');
    queue.over(claim('one'), 3000);
    assert.equal(queue.start(claim('two'), 3000).turn, 'Go');
  });
});

describe('those who come in great number', () => {
  const untold = { ready: false, untold: true };
  /** What 100 images of one namespace are told that come at once, where two may be built. */
  function flood() {
    const queue = new BuildQueue({ builds: 2, patience: 30_000 });
    const turns = Array.from({ length: 100 }, (_, number) => queue.start(claim(`${number}`), 0, untold));
    return { queue, waits: turns.map((turn) => (turn.turn === 'Later' ? turn.askAgainSeconds : 0)) };
  }

  test('are told their place at twelve a second, first come first told', () => {
    const { queue, waits } = flood();
    assert.deepEqual(
      waits,
      waits.toSorted((one, other) => one - other),
    );
    for (let second = 2; second < 8; second += 1)
      assert.equal(waits.filter((wait) => wait === second).length, 12, `${second}`);
    assert.ok(Math.max(...waits) <= 10, `the last waits ${Math.max(...waits)} s`);
    assert.deepEqual(queue.counts(0), { building: 2, stuck: 0, waiting: 98 }, 'all stand in line');
  });

  test('are sent away until then, however often they ask, and then told', () => {
    const { queue, waits } = flood();
    const wait = waits.at(-1) ?? 0;
    assert.deepEqual(queue.start(claim('99'), 100, untold), { turn: 'Later', askAgainSeconds: wait });
    assert.deepEqual(queue.start(claim('99'), 2100, untold), { turn: 'Later', askAgainSeconds: wait - 2 });
    const turn = queue.start(claim('99'), wait * 1000, untold);
    assert.deepEqual([turn.turn, 'place' in turn && turn.place], ['Wait', 98]);
    assert.equal(queue.start(claim('99'), wait * 1000 + 10, untold).turn, 'Wait', 'what was told stays told');
  });

  test('are told nothing while still more come, but for those whose turn is near', () => {
    const { queue, waits } = flood();
    const second = waits.indexOf(2);
    for (let now = 0; now <= 4000; now += 50) queue.start(claim(`more-${now}`), now, untold);
    assert.equal(queue.start(claim(`${second}`), 4000, untold).turn, 'Later');
    assert.equal(queue.start(claim('5'), 4000, untold).turn, 'Wait');
  });

  test('hold up neither the one image of others nor one of which something was said', () => {
    const { queue } = flood();
    assert.equal(queue.start(claim('other', 'other'), 10, untold).turn, 'Wait');
    assert.equal(queue.start(claim('old'), 10, { ready: true }).turn, 'Wait');
  });

  test('are told well before their turn where builds are short and many at once', () => {
    const queue = new BuildQueue({ builds: 50, patience: 30_000 });
    queue.start(claim('first'), 0);
    queue.hold(claim('first'), true, 0);
    queue.free('team', 'first', 1000);
    for (let number = 1; number <= 500; number += 1) {
      const turn = queue.start(claim(`${number}`), 1000, untold);
      // 50 builds a second.
      const until = turn.turn === 'Later' ? turn.askAgainSeconds : 0;
      assert.ok(until <= Math.max(1, number / 50), `number ${number} sleeps for ${until} s`);
    }
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
