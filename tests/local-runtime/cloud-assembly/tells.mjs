/** A function that returns its variables. */
export const handler = () => {
  const { STAGE, MEMORY, BUCKET } = process.env;
  return { STAGE, MEMORY, BUCKET };
};
