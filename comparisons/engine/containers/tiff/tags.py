from enum import IntEnum


class Tag(IntEnum):
    """The entries that matter to the picture, by the names of the specification."""

    NEW_SUBFILE_TYPE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC_INTERPRETATION = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES_PER_PIXEL = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTE_COUNTS = 279
    PLANAR_CONFIGURATION = 284
    T4_OPTIONS = 292
    PREDICTOR = 317
    COLOR_MAP = 320
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    INK_SET = 332
    EXTRA_SAMPLES = 338
    SAMPLE_FORMAT = 339
    JPEG_TABLES = 347
    JPEG_PROC = 512
    JPEG_INTERCHANGE_FORMAT = 513
    JPEG_INTERCHANGE_FORMAT_LENGTH = 514
    JPEG_RESTART_INTERVAL = 515
    JPEG_Q_TABLES = 519
    JPEG_DC_TABLES = 520
    JPEG_AC_TABLES = 521
    YCBCR_COEFFICIENTS = 529
    YCBCR_SUBSAMPLING = 530
    REFERENCE_BLACK_WHITE = 532
    ICC_PROFILE = 34675

    @property
    def title(self) -> str:
        return self.name.title().replace("_", "")


class Photometric(IntEnum):
    """What the samples are."""

    WHITE_IS_ZERO = 0
    BLACK_IS_ZERO = 1
    RGB = 2
    PALETTE = 3
    SEPARATED = 5
    YCBCR = 6


class Compression(IntEnum):
    NONE = 1
    CCITT_RLE = 2
    CCITT_T4 = 3
    CCITT_T6 = 4
    LZW = 5
    OLD_JPEG = 6
    JPEG = 7
    ADOBE_DEFLATE = 8
    CCITT_RLE_WORDS = 32771
    PACK_BITS = 32773
    DEFLATE = 32946
    LZMA = 34925
    ZSTD = 50000


CCITT = {
    Compression.CCITT_RLE,
    Compression.CCITT_RLE_WORDS,
    Compression.CCITT_T4,
    Compression.CCITT_T6,
}
JPEG = {Compression.JPEG, Compression.OLD_JPEG}
# Where the parts of an old-style JPEG are: the specification, section 22.
OLD_JPEG_TAGS = (
    Tag.JPEG_PROC,
    Tag.JPEG_INTERCHANGE_FORMAT,
    Tag.JPEG_INTERCHANGE_FORMAT_LENGTH,
    Tag.JPEG_RESTART_INTERVAL,
    Tag.JPEG_Q_TABLES,
    Tag.JPEG_DC_TABLES,
    Tag.JPEG_AC_TABLES,
    Tag.YCBCR_SUBSAMPLING,
)
# Those whose rows may be differences: https://libtiff.gitlab.io/libtiff/functions/TIFFquery.html.
PREDICTED = {
    Compression.LZW,
    Compression.ADOBE_DEFLATE,
    Compression.DEFLATE,
    Compression.LZMA,
    Compression.ZSTD,
}

# Names for what is refused.
OTHER_PHOTOMETRICS = {
    4: "transparency masks",
    8: "L*a*b* colors",
    9: "L*a*b* colors",
    10: "L*a*b* colors",
    32803: "raw camera pixels",
    32844: "LogL samples",
    32845: "LogLuv samples",
    34892: "raw camera pixels",
}
OTHER_COMPRESSIONS = {
    9: "JBIG",
    10: "JBIG",
    22610: "JPEG XR",
    32766: "NeXT",
    32809: "ThunderScan",
    32909: "PixarLog",
    33003: "JPEG 2000",
    33004: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34676: "SGILog",
    34677: "SGILog",
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "lossy DNG",
    34933: "PNG",
    34934: "JPEG XR",
    50001: "WebP",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
