import type { RuntimeClientResult } from './measure-functions.ts';

/** The effect of a memory size, computed from the measured CPU time. */
export interface MemorySize {
  memoryMb: number;
  warmMs: number;
  coldMs: number;
  /** For a million requests, one in a thousand a cold start. */
  dollars: number;
}

/** A function of this size has one core; the CPU share is proportional (docs: configuration-memory). */
const coreMb = 1769;
/** arm64, us-east-1, the first tier (aws.amazon.com/lambda/pricing). */
const dollarsPerGbSecond = 0.0000133334;
const dollarsPerMillionRequests = 0.2;
const coldShare = 0.001;

/** Returns the sizes to compare. Lambda bills per millisecond, including initialisation (docs: lambda-runtime-environment). */
export function memorySizes({ warmCpuMs, coldCpuMs }: RuntimeClientResult): MemorySize[] {
  return [128, 256, 512, 1024, 1769].map((memoryMb) => {
    const share = memoryMb / coreMb;
    const warmMs = warmCpuMs.median / share;
    const coldMs = coldCpuMs.median / share;
    const billedMs = Math.ceil(warmMs) * (1 - coldShare) + Math.ceil(coldMs) * coldShare;
    const dollars = dollarsPerMillionRequests + 1e6 * (billedMs / 1000) * (memoryMb / 1024) * dollarsPerGbSecond;
    return { memoryMb, warmMs, coldMs, dollars };
  });
}
