// The C interface of microtome_image.h over libvips. libvips reports through return codes and one shared text buffer; here the text is
// moved into a per-thread string as soon as a call has failed.

#include "microtome_image.h"

#include "failure.h"

#include <vips/vips.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>

thread_local std::string last_error;

namespace {

std::atomic<int64_t> live_images{0};
std::once_flag start_once;
bool started = false;

void fail_from_vips() {
  const char *text = vips_error_buffer();
  last_error = text && *text ? text : "libvips gave no reason";
  while (!last_error.empty() && last_error.back() == '\n') last_error.pop_back();
  vips_error_clear();
}

VipsImage *in(mti_image *image) { return reinterpret_cast<VipsImage *>(image); }

mti_image *out(VipsImage *image) {
  if (!image) {
    fail_from_vips();
    return nullptr;
  }
  live_images.fetch_add(1, std::memory_order_relaxed);
  return reinterpret_cast<mti_image *>(image);
}

int checked(int code) {
  if (code) fail_from_vips();
  return code ? -1 : 0;
}

// Replaces *image by the result of an operation, or frees it when the operation failed.
// The result comes by address because the order in which arguments are evaluated is open.
bool step(VipsImage **image, int code, VipsImage **next) {
  g_object_unref(*image);
  *image = code ? nullptr : *next;
  return code == 0;
}

void ignore(const gchar *, GLogLevelFlags, const gchar *, gpointer) {}

struct callback_source {
  mti_read_callback read;
  void *context;
};

int generate(VipsRegion *region, void *, void *a, void *, gboolean *) {
  auto *source = static_cast<callback_source *>(a);
  const VipsRect *r = &region->valid;
  size_t line = VIPS_REGION_SIZEOF_LINE(region);
  auto stride = static_cast<size_t>(VIPS_REGION_LSKIP(region));
  if (stride == line) {
    if (source->read(source->context, r->left, r->top, r->width, r->height, VIPS_REGION_ADDR(region, r->left, r->top)) == 0) return 0;
    vips_error("microtome", "%s", "the pixel source failed");
    return -1;
  }
  auto *buffer = static_cast<uint8_t *>(g_try_malloc(line * static_cast<size_t>(r->height)));
  if (!buffer) {
    vips_error("microtome", "%s", "out of memory");
    return -1;
  }
  int code = source->read(source->context, r->left, r->top, r->width, r->height, buffer);
  if (code == 0)
    for (int y = 0; y < r->height; y++)
      memcpy(VIPS_REGION_ADDR(region, r->left, r->top + y), buffer + line * static_cast<size_t>(y), line);
  else
    vips_error("microtome", "%s", "the pixel source failed");
  g_free(buffer);
  return code ? -1 : 0;
}

void free_source(VipsImage *, void *source) { delete static_cast<callback_source *>(source); }

VipsBandFormat band_format(int32_t sample) {
  switch (sample) {
    case MTI_UINT8: return VIPS_FORMAT_UCHAR;
    case MTI_UINT16: return VIPS_FORMAT_USHORT;
    case MTI_INT32: return VIPS_FORMAT_INT;
    case MTI_FLOAT: return VIPS_FORMAT_FLOAT;
    default: return VIPS_FORMAT_NOTSET;
  }
}

VipsInterpretation interpretation(int32_t bands, int32_t sample) {
  if (bands >= 3) return sample == MTI_UINT16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  return sample == MTI_UINT16 ? VIPS_INTERPRETATION_GREY16 : sample == MTI_UINT8 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_MULTIBAND;
}

struct progress {
  mti_progress_callback tell;
  void *context;
  int last;
};

void on_eval(VipsImage *image, VipsProgress *state, progress *p) {
  if (state->percent == p->last) return;
  p->last = state->percent;
  if (p->tell(p->context, state->percent)) vips_image_set_kill(image, TRUE);
}

// A private copy that carries the resolution, profile and description that shall be written.
VipsImage *dressed(mti_image *image, const mti_write_options *options) {
  VipsImage *copy = nullptr;
  double x = options->pixels_per_mm_x > 0 ? options->pixels_per_mm_x : 1.0;
  double y = options->pixels_per_mm_y > 0 ? options->pixels_per_mm_y : 1.0;
  if (vips_copy(in(image), &copy, "xres", x, "yres", y, nullptr)) return nullptr;
  if (options->icc && options->icc_size) vips_image_set_blob_copy(copy, VIPS_META_ICC_NAME, options->icc, options->icc_size);
  if (options->description) vips_image_set_string(copy, VIPS_META_IMAGEDESCRIPTION, options->description);
  return copy;
}

template <typename Write>
int write(mti_image *image, const mti_write_options *options, mti_progress_callback tell, void *context, Write body) {
  VipsImage *copy = dressed(image, options);
  if (!copy) return checked(-1);
  progress p{tell, context, -1};
  if (tell) {
    vips_image_set_progress(copy, TRUE);
    g_signal_connect(copy, "eval", G_CALLBACK(on_eval), &p);
  }
  int code = checked(body(copy));
  g_object_unref(copy);
  return code;
}

}  // namespace

int mti_start(void) {
  std::call_once(start_once, [] {
    if (vips_init("microtome")) {
      fail_from_vips();
      return;
    }
    // Slides go through OpenSlide and everything else has its own door: only plain picture formats are read here.
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char *name : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadTiff", "VipsForeignLoadJp2k", "VipsForeignLoadWebp", "VipsForeignLoadSvgBuffer"})
      vips_operation_block_set(name, FALSE);
    vips_cache_set_max(0);
    // Unknown TIFF tags and the like: whatever matters comes back as an error.
    g_log_set_handler("VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO), ignore, nullptr);
    started = true;
  });
  if (!started && last_error.empty()) last_error = "libvips did not start";
  return started ? 0 : -1;
}

const char *mti_version(void) { return vips_version_string(); }
const char *mti_last_error(void) { return last_error.c_str(); }
int64_t mti_live_images(void) { return live_images.load(std::memory_order_relaxed); }
void mti_set_threads(int32_t threads) { vips_concurrency_set(threads); }

mti_image *mti_open(const char *path, int32_t page, int32_t subifd) {
  if (mti_start()) return nullptr;
  const char *loader = vips_foreign_find_load(path);
  if (!loader) return out(nullptr);
  VipsImage *image = nullptr;
  // The path goes in as an argument and not as a "file[option]" string, so that brackets in file names stay part of the name.
  // fail_on truncated: a short file is an error here, never grey pixels.
  const bool paged = strstr(loader, "Tiff") != nullptr;
  VipsOperation *operation = vips_operation_new(loader);
  if (!operation) return out(nullptr);
  g_object_set(operation, "filename", path, "fail_on", VIPS_FAIL_ON_TRUNCATED, nullptr);
  if (paged) g_object_set(operation, "page", page, "subifd", subifd, nullptr);
  if (vips_object_build(VIPS_OBJECT(operation))) {
    vips_object_unref_outputs(VIPS_OBJECT(operation));
    g_object_unref(operation);
    return out(nullptr);
  }
  g_object_get(operation, "out", &image, nullptr);
  vips_object_unref_outputs(VIPS_OBJECT(operation));
  g_object_unref(operation);
  return out(image);
}

mti_image *mti_open_memory(const void *bytes, size_t size) {
  if (mti_start()) return nullptr;
  return out(vips_image_new_from_buffer(bytes, size, "", "fail_on", VIPS_FAIL_ON_TRUNCATED, nullptr));
}

mti_image *mti_from_callback(int32_t width, int32_t height, int32_t bands, mti_read_callback read, void *context) {
  if (mti_start()) return nullptr;
  VipsImage *image = vips_image_new();
  vips_image_init_fields(image, width, height, bands, VIPS_FORMAT_UCHAR, VIPS_CODING_NONE, interpretation(bands, MTI_UINT8), 1.0, 1.0);
  auto *source = new callback_source{read, context};
  g_signal_connect(image, "close", G_CALLBACK(free_source), source);
  if (vips_image_pipelinev(image, VIPS_DEMAND_STYLE_SMALLTILE, nullptr) ||
      vips_image_generate(image, nullptr, generate, nullptr, source, nullptr)) {
    g_object_unref(image);
    return out(nullptr);
  }
  return out(image);
}

mti_image *mti_from_memory(const void *samples, int32_t width, int32_t height, int32_t bands, int32_t sample) {
  if (mti_start()) return nullptr;
  VipsBandFormat format = band_format(sample);
  size_t size = static_cast<size_t>(width) * height * bands * vips_format_sizeof(format);
  VipsImage *raw = vips_image_new_from_memory(samples, size, width, height, bands, format);
  if (!raw) return out(nullptr);
  VipsImage *image = nullptr;
  int code = vips_copy(raw, &image, "interpretation", interpretation(bands, sample), nullptr);
  step(&raw, code, &image);
  return out(raw);
}

void mti_close(mti_image *image) {
  if (!image) return;
  g_object_unref(in(image));
  live_images.fetch_sub(1, std::memory_order_relaxed);
}

int mti_get_info(mti_image *image, mti_info *info) {
  VipsImage *v = in(image);
  info->width = v->Xsize;
  info->height = v->Ysize;
  info->bands = v->Bands;
  switch (v->BandFmt) {
    case VIPS_FORMAT_UCHAR: info->sample = MTI_UINT8; break;
    case VIPS_FORMAT_USHORT: info->sample = MTI_UINT16; break;
    case VIPS_FORMAT_INT:
    case VIPS_FORMAT_UINT: info->sample = MTI_INT32; break;
    case VIPS_FORMAT_FLOAT: info->sample = MTI_FLOAT; break;
    default: info->sample = MTI_OTHER; break;
  }
  info->pages = vips_image_get_n_pages(v);
  info->subifds = vips_image_get_n_subifds(v);
  info->has_icc = vips_image_get_typeof(v, VIPS_META_ICC_NAME) != 0;
  info->reserved = 0;
  info->pixels_per_mm_x = v->Xres;
  info->pixels_per_mm_y = v->Yres;
  return 0;
}

const char *mti_loader(mti_image *image) {
  const char *name = nullptr;
  if (!vips_image_get_typeof(in(image), VIPS_META_LOADER) || vips_image_get_string(in(image), VIPS_META_LOADER, &name)) {
    vips_error_clear();
    return nullptr;
  }
  return name;
}

char *mti_metadata(mti_image *image) {
  GString *text = g_string_new(nullptr);
  gchar **fields = vips_image_get_fields(in(image));
  for (gchar **field = fields; field && *field; field++) {
    if (vips_image_get_typeof(in(image), *field) == VIPS_TYPE_BLOB) continue;
    char *value = nullptr;
    if (vips_image_get_as_string(in(image), *field, &value)) {
      vips_error_clear();
      continue;
    }
    for (char *c = value; *c; c++)
      if (*c == '\n' || *c == '\r' || *c == '\t') *c = ' ';
    g_string_append_printf(text, "%s\t%s\n", *field, value);
    g_free(value);
  }
  g_strfreev(fields);
  return g_string_free(text, FALSE);
}

const void *mti_icc(mti_image *image, size_t *size) {
  const void *bytes = nullptr;
  *size = 0;
  if (!vips_image_get_typeof(in(image), VIPS_META_ICC_NAME)) return nullptr;
  if (vips_image_get_blob(in(image), VIPS_META_ICC_NAME, &bytes, size)) {
    fail_from_vips();
    return nullptr;
  }
  return bytes;
}

mti_image *mti_to_rgb8(mti_image *image) {
  VipsImage *v = in(image);
  g_object_ref(v);
  VipsImage *next = nullptr;
  VipsInterpretation space = vips_image_guess_interpretation(v);
  if (vips_image_hasalpha(v)) {
    double top = v->BandFmt == VIPS_FORMAT_USHORT ? 65535.0 : v->BandFmt == VIPS_FORMAT_FLOAT && space == VIPS_INTERPRETATION_scRGB ? 1.0 : 255.0;
    VipsArrayDouble *white = vips_array_double_newv(1, top);
    int code = vips_flatten(v, &next, "background", white, "max_alpha", top, nullptr);
    vips_area_unref(VIPS_AREA(white));
    if (!step(&v, code, &next)) return out(nullptr);
  }
  bool colour = space == VIPS_INTERPRETATION_sRGB || space == VIPS_INTERPRETATION_RGB16 || space == VIPS_INTERPRETATION_B_W ||
                space == VIPS_INTERPRETATION_GREY16 || space == VIPS_INTERPRETATION_CMYK || space == VIPS_INTERPRETATION_LAB ||
                space == VIPS_INTERPRETATION_LABS || space == VIPS_INTERPRETATION_scRGB || space == VIPS_INTERPRETATION_RGB;
  if (colour && space != VIPS_INTERPRETATION_sRGB && space != VIPS_INTERPRETATION_RGB) {
    if (!step(&v, vips_colourspace(v, &next, VIPS_INTERPRETATION_sRGB, "source_space", space, nullptr), &next)) return out(nullptr);
  }
  if (v->BandFmt != VIPS_FORMAT_UCHAR) {
    bool shift = v->BandFmt == VIPS_FORMAT_USHORT;
    if (!step(&v, vips_cast(v, &next, VIPS_FORMAT_UCHAR, "shift", shift, nullptr), &next)) return out(nullptr);
  }
  if (v->Bands > 3 || v->Bands == 2) {
    int keep = v->Bands > 3 ? 3 : 1;
    if (!step(&v, vips_extract_band(v, &next, 0, "n", keep, nullptr), &next)) return out(nullptr);
  }
  if (v->Bands == 1) {
    VipsImage *three[3] = {v, v, v};
    if (!step(&v, vips_bandjoin(three, &next, 3, nullptr), &next)) return out(nullptr);
  }
  if (v->Type != VIPS_INTERPRETATION_sRGB) {
    if (!step(&v, vips_copy(v, &next, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr), &next)) return out(nullptr);
  }
  return out(v);
}

int mti_read(mti_image *image, int32_t x, int32_t y, int32_t w, int32_t h, void *destination, size_t size) {
  VipsImage *v = in(image);
  size_t line = static_cast<size_t>(w) * VIPS_IMAGE_SIZEOF_PEL(v);
  if (x < 0 || y < 0 || w <= 0 || h <= 0 || x > v->Xsize - w || y > v->Ysize - h || size != line * static_cast<size_t>(h)) {
    last_error = "the region is not inside the image or the buffer has another size";
    return -1;
  }
  VipsRegion *region = vips_region_new(v);
  if (!region) return checked(-1);
  VipsRect area{x, y, w, h};
  int code = vips_region_prepare(region, &area);
  if (code == 0)
    for (int row = 0; row < h; row++)
      memcpy(static_cast<uint8_t *>(destination) + line * static_cast<size_t>(row), VIPS_REGION_ADDR(region, x, y + row), line);
  g_object_unref(region);
  return checked(code);
}

int mti_write_png(mti_image *image, const char *path, const mti_write_options *options) {
  return write(image, options, nullptr, nullptr, [&](VipsImage *v) {
    return vips_pngsave(v, path, "compression", options->compression, nullptr);
  });
}

int mti_write_jpeg(mti_image *image, const char *path, const mti_write_options *options) {
  return write(image, options, nullptr, nullptr, [&](VipsImage *v) {
    return vips_jpegsave(v, path, "Q", options->quality, "optimize_coding", TRUE, "subsample_mode",
                         options->quality >= 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, nullptr);
  });
}

int mti_write_tiff(mti_image *image, const char *path, const mti_write_options *options, mti_progress_callback tell, void *context) {
  // Single-level only: the pyramid mode of libvips 8.14 uses freed memory when it fails half way (a level's target goes before its TIFF).
  static const VipsForeignTiffCompression kinds[] = {VIPS_FOREIGN_TIFF_COMPRESSION_NONE, VIPS_FOREIGN_TIFF_COMPRESSION_JPEG,
                                                     VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, VIPS_FOREIGN_TIFF_COMPRESSION_LZW};
  VipsForeignTiffCompression kind = kinds[options->compression & 3];
  return write(image, options, tell, context, [&](VipsImage *v) {
    return vips_tiffsave(v, path, "compression", kind, "Q", options->quality > 0 ? options->quality : 75, "tile", options->tile > 0, "tile_width",
                         options->tile > 0 ? options->tile : 256, "tile_height", options->tile > 0 ? options->tile : 256, "bigtiff", options->bigtiff != 0, "resunit", VIPS_FOREIGN_TIFF_RESUNIT_CM, "predictor",
                         kind == VIPS_FOREIGN_TIFF_COMPRESSION_NONE || kind == VIPS_FOREIGN_TIFF_COMPRESSION_JPEG
                             ? VIPS_FOREIGN_TIFF_PREDICTOR_NONE
                             : VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL,
                         nullptr);
  });
}

int mti_write_deepzoom(mti_image *image, const char *path, const mti_write_options *options, mti_progress_callback tell, void *context) {
  std::string suffix = ".jpg[Q=" + std::to_string(options->quality) + "]";
  return write(image, options, tell, context, [&](VipsImage *v) {
    return vips_dzsave(v, path, "layout", VIPS_FOREIGN_DZ_LAYOUT_DZ, "suffix", suffix.c_str(), "tile_size", options->tile, "overlap",
                       options->overlap, "depth", VIPS_FOREIGN_DZ_DEPTH_ONEPIXEL, nullptr);
  });
}

void *mti_encode_png(mti_image *image, const mti_write_options *options, size_t *size) {
  void *buffer = nullptr;
  int code = write(image, options, nullptr, nullptr, [&](VipsImage *v) {
    return vips_pngsave_buffer(v, &buffer, size, "compression", options->compression, nullptr);
  });
  return code ? nullptr : buffer;
}

void *mti_encode_jpeg(mti_image *image, const mti_write_options *options, size_t *size) {
  void *buffer = nullptr;
  int code = write(image, options, nullptr, nullptr, [&](VipsImage *v) {
    return vips_jpegsave_buffer(v, &buffer, size, "Q", options->quality, "subsample_mode",
                                options->quality >= 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, nullptr);
  });
  return code ? nullptr : buffer;
}

void mti_free(void *buffer) { g_free(buffer); }
