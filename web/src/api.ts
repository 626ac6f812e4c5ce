import { takeAnswer } from './early.ts';

/** A map of patches as it lies on the slide; sizes in level-0 pixels. */
export interface MapLayer { task: 'til' | 'tumor'; title: string; start_x: number; start_y: number; step_x: number; step_y: number; columns: number; rows: number; threshold: number; threshold_known: boolean }

/** A slide in the list. */
export interface SlideRow { id: string; name: string; group: string; version: string; error?: string; has_image: boolean; published: boolean; numbers: Record<string, number> }

/** A slide. */
export interface SlideDetail {
  id: string; name: string; group: string; version: string; width: number; height: number; mpp?: number; has_image: boolean; tile_size?: number; image_problem?: string; has_nuclei: boolean; has_tissue: boolean;
  published: boolean; editable: boolean; error?: string; maps: MapLayer[]; warnings: string[]; summary: Record<string, unknown>; files: string[];
}

/** What the nuclei of a slide have. */
export interface NucleusInfo { count: number; tile_size: number; max_zoom: number; polygon_zoom: number; classes: string[]; measurements: { name: string; min: number; p01: number; p50: number; p99: number; max: number }[]; version: string }

/** GeoJSON as QuPath writes it; level-0 pixels. */
export type Ring = [number, number][];
export type Geometry = { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] } | { type: 'Point'; coordinates: [number, number] };
export interface Feature { type: 'Feature'; id?: string; geometry: Geometry; properties: Record<string, unknown> & { objectType?: string; name?: string; classification?: { name: string; color?: [number, number, number] } } }
export interface FeatureCollection { type: 'FeatureCollection'; features: Feature[] }

/** A refusal with the server's own words. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const slideUrl = (id: string, rest = ''): string => `/api/slides/${encodeURIComponent(id)}${rest}`;

async function checked(response: Response): Promise<Response> {
  if (response.ok)
    return response;
  let message = `${response.status} ${response.statusText}`;
  try {
    message = ((await response.json()) as { error: string }).error;
  } catch {
    // no words of the server's: the status has to do
  }
  throw new ApiError(response.status, message);
}

async function ask(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await checked(await ((init?.method === undefined && takeAnswer(url)) || fetch(url, init)));
  } catch (e) {
    if (e instanceof TypeError)
      throw new ApiError(0, 'The server does not answer. Is microtome serve still running?');
    throw e;
  }
}

export const getJson = async <T>(url: string, signal?: AbortSignal): Promise<T> => (await ask(url, signal ? { signal } : undefined)).json() as Promise<T>;

export const getBytes = async (url: string): Promise<ArrayBuffer> => (await ask(url)).arrayBuffer();

export async function postJson<T>(url: string, body: unknown): Promise<T> {
  const response = await ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Reads a document with its tag, so that it can be put back without overwriting what somebody else saved meanwhile. */
export async function getTagged<T>(url: string): Promise<{ value: T; tag: string }> {
  const response = await ask(url, { cache: 'no-store' });
  return { value: (await response.json()) as T, tag: response.headers.get('etag') ?? '' };
}

/** Puts a document back; 412 when it has changed since it was read. */
export async function putTagged(url: string, value: unknown, tag: string): Promise<string> {
  const response = await ask(url, { method: 'PUT', headers: { 'content-type': 'application/geo+json', 'if-match': tag }, body: JSON.stringify(value) });
  return response.headers.get('etag') ?? '';
}
