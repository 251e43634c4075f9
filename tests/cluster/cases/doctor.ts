import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Site } from '../support/site.ts';

const program = fileURLToPath(new URL('../../../cli/niximage.mjs', import.meta.url));

/** What `niximage doctor` says of this cluster, where nothing is missing; one image is Built. */
export function doctorCases(site: () => Site): void {
  test('all is well: each line says ok, and the node pulled', async () => {
    const { exitCode, stdout, stderr } = await doctor(site());
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stdout, /^ok +pull +node-1 pulls localhost:30500\//m);
    assert.equal(
      await site().must(['get', 'pods', '-A', '-l', 'k8s.nixos.org/doctor-run', '-o', 'name']),
      '',
    );
  });
}

/** And where the registry is away. */
export function missingRegistryCases(site: () => Site): void {
  test('without the registry: the part, and the pull', async () => {
    const deployment = ['deployment/niximage-registry', '-n', 'niximage-system'];
    await site().must(['scale', '--replicas=0', ...deployment]);
    const gone = ['wait', '--for=delete', 'pods', '-n', 'niximage-system', '--timeout=90s'];
    await site().must([...gone, '-l', 'app.kubernetes.io/component=registry']);
    const { exitCode, stdout } = await doctor(site(), '--timeout=60s');
    await site().must(['scale', '--replicas=2', ...deployment]);
    await site().must(['rollout', 'status', '--timeout=60s', ...deployment]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^to do +registry /m);
    assert.match(stdout, /^to do +pull +node-1: .*connection refused/m);
  });
}

function doctor({ kubectlProgram, kubeconfig }: Site, ...words: readonly string[]) {
  const where = [`--kubectl=${kubectlProgram}`, `--kubeconfig=${kubeconfig}`];
  return execa(process.execPath, [program, 'doctor', ...where, ...words], { reject: false });
}
