// One JPEG picture, decoded by libjpeg without libvips: a small tile costs a third of what it costs there.

#include "microtome_image.h"

#include "failure.h"

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>

namespace {

// libjpeg calls this when it cannot go on; it must not return.
struct jpeg_failure {
  jpeg_error_mgr base;
  jmp_buf back;
};

void jpeg_gives_up(j_common_ptr info) {
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  last_error = text;
  longjmp(reinterpret_cast<jpeg_failure *>(info->err)->back, 1);
}

// Warnings mean corrupt data that libjpeg would paper over.
void jpeg_warns(j_common_ptr info, int level) {
  if (level < 0) jpeg_gives_up(info);
}

}  // namespace

int mti_decode_jpeg(const void *bytes, size_t size, int32_t shrink, int32_t width, int32_t height, uint8_t *out) {
  jpeg_decompress_struct info;
  jpeg_failure failure;
  info.err = jpeg_std_error(&failure.base);
  failure.base.error_exit = jpeg_gives_up;
  failure.base.emit_message = jpeg_warns;
  if (setjmp(failure.back)) {
    jpeg_destroy_decompress(&info);
    return -1;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, static_cast<const unsigned char *>(bytes), static_cast<unsigned long>(size));
  jpeg_read_header(&info, TRUE);
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(shrink);
  info.out_color_space = JCS_RGB;
  jpeg_calc_output_dimensions(&info);
  if (info.output_width != static_cast<JDIMENSION>(width) || info.output_height != static_cast<JDIMENSION>(height)) {
    jpeg_destroy_decompress(&info);
    last_error = "the JPEG has another size than expected";
    return -1;
  }
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = out + static_cast<size_t>(info.output_scanline) * static_cast<size_t>(width) * 3;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return 0;
}
