/** Key of the metadata in the cloud assembly that names the file a function is bundled from. */
export const entryMetadata = 'bundle:entry';
