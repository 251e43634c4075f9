/** The digest that a tag has in the registry now, or undefined where it is not there. */
export async function digestOf(port: number, name: string, tag: string): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/v2/${name}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json', connection: 'close' },
  });
  await answer.arrayBuffer();
  return answer.ok ? (answer.headers.get('docker-content-digest') ?? undefined) : undefined;
}
