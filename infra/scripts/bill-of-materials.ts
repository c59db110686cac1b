/** What is deployed, as a software bill of materials. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { operations } from '../../shared/contract.ts';
import { bundleFunction } from '../function-bundle.ts';
import { type BundledPackage, bundledPackages, packageIn } from './bundled-packages.ts';

/**
 * The bundles, each with the SHA-256 of its bytes, and the packages whose code is in them. It has neither a time
 * nor a serial number, so that the same sources have the same bill.
 * @returns CycloneDX 1.6 as JSON
 */
export async function billOfMaterials(): Promise<string> {
  const bom = new Models.Bom();
  const project = component(Enums.ComponentType.Application, await packageIn(''));
  bom.metadata.component = project;

  const libraries = new Map<string, Models.Component>();
  for (const { operationId, direct } of operations) {
    for (const trigger of direct ? ['http', 'direct'] : ['http']) {
      const { sha256, packages } = await bundle(`functions/${operationId}/${trigger}.ts`);
      const name = `${operationId}-${trigger}/index.mjs`;
      const file = new Models.Component(Enums.ComponentType.File, name, { bomRef: name });
      file.hashes.set(Enums.HashAlgorithm['SHA-256'], sha256);
      bom.components.add(file);
      project.dependencies.add(file.bomRef);
      for (const shipped of packages) {
        const purl = purlOf(shipped);
        const library = libraries.get(purl) ?? component(Enums.ComponentType.Library, shipped);
        libraries.set(purl, library);
        bom.components.add(library);
        file.dependencies.add(library.bomRef);
      }
    }
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

async function bundle(entry: string): Promise<{ sha256: string; packages: BundledPackage[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    const metafile = bundleFunction(entry, directory);
    const bytes = await readFile(join(directory, 'index.mjs'));
    return { sha256: createHash('sha256').update(bytes).digest('hex'), packages: await bundledPackages(metafile) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

function component(type: Enums.ComponentType, facts: BundledPackage): Models.Component {
  const { name, version, license } = facts;
  const purl = purlOf(facts);
  const id = SPDX.fixupSpdxId(license);
  const licenses = new Models.LicenseRepository([
    id ? new Models.SpdxLicense(id) : new Models.LicenseExpression(license),
  ]);
  return new Models.Component(type, name, { version, purl, bomRef: purl, licenses });
}

function purlOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
