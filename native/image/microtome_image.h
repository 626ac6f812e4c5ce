/* microtome_image: the part of libvips that Microtome uses, as a plain C interface. This header is the contract.
 *
 * Conventions
 * - Every function may be called from any thread; an image handle may be read by many threads at once.
 * - A function that returns int gives 0 when it succeeded; one that returns a pointer gives NULL when it failed. mti_last_error()
 *   then holds libvips' message for the calling thread, valid until the thread's next call.
 * - Handles are freed by mti_close; buffers given out by this library by mti_free.
 * - Nothing throws across this interface. Paths are UTF-8. Pixels are packed rows, top to bottom, samples interleaved.
 */
#ifndef MICROTOME_IMAGE_H
#define MICROTOME_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTI_API __attribute__((visibility("default")))

typedef struct mti_image mti_image;

/* Sample types. */
enum { MTI_UINT8 = 0, MTI_UINT16 = 1, MTI_INT32 = 2, MTI_FLOAT = 3, MTI_OTHER = 4 };

typedef struct mti_info {
  int32_t width;
  int32_t height;
  int32_t bands;
  int32_t sample;     /* MTI_UINT8 ... */
  int32_t pages;      /* pages of the file, at least 1 */
  int32_t subifds;    /* TIFF sub-images of this page */
  int32_t has_icc;    /* 1 when an ICC profile is attached */
  int32_t reserved;
  double pixels_per_mm_x; /* 1.0 when the file does not say (libvips' default) */
  double pixels_per_mm_y;
} mti_info;

/* How a picture is written. Fields that a format does not know are ignored. */
typedef struct mti_write_options {
  int32_t quality;        /* JPEG quality, 1 to 100 */
  int32_t compression;    /* PNG: zlib level 0 to 9. TIFF: 0 none, 1 JPEG, 2 deflate, 3 LZW */
  int32_t tile;           /* TIFF, Deep Zoom: tile side in pixels */
  int32_t reserved;
  int32_t bigtiff;        /* TIFF: 1 uses 64-bit offsets */
  int32_t overlap;        /* Deep Zoom: pixels of overlap on each side */
  double pixels_per_mm_x; /* resolution written to the file; 0 writes none */
  double pixels_per_mm_y;
  const void *icc;        /* ICC profile to attach, or NULL */
  size_t icc_size;
  const char *description; /* TIFF: ImageDescription, or NULL */
} mti_write_options;

/* Fills w * h * bands bytes at out with the region at (x, y); returns 0, or another number to stop the writer.
 * Called from libvips' worker threads, several at once. */
typedef int (*mti_read_callback)(void *context, int32_t x, int32_t y, int32_t w, int32_t h, uint8_t *out);

/* Told the share done, 0 to 100; a return value other than 0 stops the writer. */
typedef int (*mti_progress_callback)(void *context, int32_t percent);

/* Starts libvips; idempotent. Loaders other than JPEG, PNG, TIFF, JPEG 2000 and WebP are blocked. */
MTI_API int mti_start(void);
/* libvips' version, for instance "8.14.1". */
MTI_API const char *mti_version(void);
MTI_API const char *mti_last_error(void);
/* Handles given out and not yet closed. */
MTI_API int64_t mti_live_images(void);
/* Threads that libvips uses inside one operation; 0 keeps its default. */
MTI_API void mti_set_threads(int32_t threads);

/* Opens a file by its content. page counts from 0; subifd is -1 for the page itself. */
MTI_API mti_image *mti_open(const char *path, int32_t page, int32_t subifd);
/* Opens an encoded picture in memory; the bytes must outlive the handle. Drawings of our own (SVG) open here and only here, never as files. */
MTI_API mti_image *mti_open_memory(const void *bytes, size_t size);
/* A picture whose pixels come from a callback: 8-bit, 1 or 3 bands. */
MTI_API mti_image *mti_from_callback(int32_t width, int32_t height, int32_t bands, mti_read_callback read, void *context);
/* A picture over samples that the caller keeps alive and unchanged until mti_close. */
MTI_API mti_image *mti_from_memory(const void *samples, int32_t width, int32_t height, int32_t bands, int32_t sample);
MTI_API void mti_close(mti_image *image);

MTI_API int mti_get_info(mti_image *image, mti_info *info);
/* Name of the loader ("pngload"), NULL when the picture was not loaded. Valid while the image lives. */
MTI_API const char *mti_loader(mti_image *image);
/* Metadata, one "name\tvalue\n" a field; free with mti_free. Binary fields are left out. */
MTI_API char *mti_metadata(mti_image *image);
/* The ICC profile, borrowed from the image; NULL when there is none. */
MTI_API const void *mti_icc(mti_image *image, size_t *size);

/* An 8-bit RGB view: 16-bit is shifted down, grey is repeated, alpha is laid on white, CMYK and Lab are converted; RGB values of
 * 8-bit pictures stay as they are, the profile stays attached. */
MTI_API mti_image *mti_to_rgb8(mti_image *image);
/* Reads a region that lies wholly inside; size is the room at out in bytes and must fit exactly. */
MTI_API int mti_read(mti_image *image, int32_t x, int32_t y, int32_t w, int32_t h, void *out, size_t size);

MTI_API int mti_write_png(mti_image *image, const char *path, const mti_write_options *options);
MTI_API int mti_write_jpeg(mti_image *image, const char *path, const mti_write_options *options);
/* One level. */
MTI_API int mti_write_tiff(mti_image *image, const char *path, const mti_write_options *options,
                           mti_progress_callback progress, void *context);
/* Writes path.dzi and path_files. */
MTI_API int mti_write_deepzoom(mti_image *image, const char *path, const mti_write_options *options,
                               mti_progress_callback progress, void *context);
/* Encodes into memory; free with mti_free. */
MTI_API void *mti_encode_png(mti_image *image, const mti_write_options *options, size_t *size);
MTI_API void *mti_encode_jpeg(mti_image *image, const mti_write_options *options, size_t *size);
MTI_API void mti_free(void *buffer);

/* Decodes a whole JPEG into width * height * 3 bytes of RGB, its sides divided by shrink (1, 2, 4 or 8) and rounded up; the size must agree.
 * Damaged data is a failure, not a grey picture. libjpeg without libvips: a small tile costs a third. */
MTI_API int mti_decode_jpeg(const void *bytes, size_t size, int32_t shrink, int32_t width, int32_t height, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
