import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { operations } from '../../shared/contract.ts';
import { deployedFunctions } from '../deployed-functions.ts';
import { bundleFunction } from '../function-bundle.ts';
import { type BundledPackage, bundledPackages, packageIn } from './bundled-packages.ts';

/**
 * Returns the software bill of materials of what a stage with every source deploys, as CycloneDX 1.6 in JSON: each bundle with its SHA-256,
 * and the packages whose code is in it. It has no time and no serial number: the same sources give the same bytes.
 */
export async function billOfMaterials(): Promise<string> {
  const bom = new Models.Bom();
  const project = component(Enums.ComponentType.Application, await packageIn(''));
  bom.metadata.component = project;

  const libraries = new Map<string, Models.Component>();
  for (const { name, entry } of deployedFunctions(operations, ['queue'])) {
    const { sha256, packages } = await bundle(entry);
    const path = `${name}/index.mjs`;
    const file = new Models.Component(Enums.ComponentType.File, path, { bomRef: path });
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
