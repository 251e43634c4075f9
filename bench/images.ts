import { inputHash } from '../hooks/inputHash.ts';
import type { ImageData } from '../hooks/resource/niximage.ts';
import type { ImageState } from '../runtime/contract/keeper.ts';

/** Requests of about the size that a cluster sends (4 to 16 KB), for images that are built and served. */
export interface Fleet {
  readonly bodies: readonly string[];
  /** What the keeper says, by the path it is asked by. */
  readonly states: ReadonlyMap<string, ImageState>;
}

const created = '2026-01-02T03:04:05Z';
const digest = `sha256:${'a'.repeat(64)}`;

export function fleet(count: number): Fleet {
  const states = new Map<string, ImageState>();
  const bodies = Array.from({ length: count }, (_, index) => {
    const name = `image-${index}`;
    const uid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const data: ImageData = {
      tag: 'v1',
      contents: ['curl', 'jq', 'bash', 'coreutils', `package${index}`],
      config: { cmd: ['bash'], env: [{ name: 'INDEX', value: String(index) }] },
      defaults: true,
    };
    const hash = inputHash(data, 'nixpkgs');
    const publication = {
      digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 1234,
      inputHash: hash,
      uid,
      ordinal: 1,
    };
    states.set(`/internal/v1/namespaces/default/images/${name}/tags/v1`, { state: 'Present', publication });
    return JSON.stringify(request(name, uid, data, hash));
  });
  return { bodies, states };
}

function request(name: string, uid: string, data: ImageData, hash: string): unknown {
  const object = { apiVersion: 'k8s.nixos.org/v1', kind: 'NixImage', data };
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: type === 'Ready' ? 'Built' : `Not${type}`,
    message: type === 'Ready' ? 'the image is served' : '',
    observedGeneration: 1,
    lastTransitionTime: created,
  });
  return {
    // Metacontroller sends its own object with each request.
    controller: {
      apiVersion: 'metacontroller.k8s.io/v1alpha1',
      kind: 'CompositeController',
      metadata: { name: 'niximages', annotations: { applied: 'x'.repeat(1500) } },
    },
    parent: {
      ...object,
      metadata: {
        name,
        namespace: 'default',
        uid,
        generation: 1,
        creationTimestamp: created,
        resourceVersion: '1234',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(object) },
        finalizers: ['metacontroller.io/compositecontroller-niximages'],
        managedFields: ['kubectl', 'metacontroller'].map((manager) => ({
          manager,
          operation: 'Update',
          apiVersion: 'k8s.nixos.org/v1',
          time: created,
          fieldsType: 'FieldsV1',
          fieldsV1: Object.fromEntries(
            Array.from({ length: 30 }, (_, index) => [`f:field${index}`, { '.': {} }]),
          ),
        })),
      },
      status: {
        state: 'Built',
        observedGeneration: 1,
        version: 'v1',
        image: `localhost:5001/${name}:v1`,
        imageRef: `localhost:5001/${name}@${digest}`,
        digest,
        size: 1234,
        build: { inputHash: hash, ordinal: 1, attempt: 1, pod: `${name}-${hash.slice(0, 10)}-1` },
        conditions: [
          condition('Ready', 'True'),
          condition('Reconciling', 'False'),
          condition('Stalled', 'False'),
        ],
      },
    },
    children: { 'ConfigMap.v1': {}, 'Pod.v1': {} },
    finalizing: false,
  };
}
