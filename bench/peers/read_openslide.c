/* The bar for `microtome bench read`: the same tiles through OpenSlide's C library, one thread, no conversion of pixels.
 * Usage: read_openslide SLIDE TILE LEVEL PASSES
 * Each pass opens the slide, reads every tile of the level from left to right and top to bottom, and closes it, so that nothing is cached between passes.
 * Prints: tiles cpu_seconds version */
#include <openslide/openslide.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double cpu_seconds(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + 1e-6 * (u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: read_openslide SLIDE TILE LEVEL PASSES\n");
    return 2;
  }
  int64_t tile = atoll(argv[2]);
  int level = atoi(argv[3]);
  int passes = atoi(argv[4]);
  uint32_t *pixels = malloc((size_t)(tile * tile * 4));
  long tiles = 0;
  double start = 0;
  for (int pass = -1; pass < passes; pass++) { /* the first pass warms the file cache and does not count */
    if (pass == 0) {
      start = cpu_seconds();
      tiles = 0;
    }
    openslide_t *slide = openslide_open(argv[1]);
    if (!slide || openslide_get_error(slide)) {
      fprintf(stderr, "%s cannot be opened\n", argv[1]);
      return 3;
    }
    int64_t width, height;
    openslide_get_level_dimensions(slide, level, &width, &height);
    double downsample = openslide_get_level_downsample(slide, level);
    for (int64_t y = 0; y + tile <= height; y += tile) {
      for (int64_t x = 0; x + tile <= width; x += tile) {
        openslide_read_region(slide, pixels, (int64_t)(x * downsample), (int64_t)(y * downsample), level, tile, tile);
        tiles++;
      }
    }
    if (openslide_get_error(slide)) {
      fprintf(stderr, "%s\n", openslide_get_error(slide));
      return 3;
    }
    openslide_close(slide);
  }
  printf("%ld %.6f %s\n", tiles, cpu_seconds() - start, openslide_get_version());
  free(pixels);
  return 0;
}
