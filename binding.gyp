# The Node addon: libvpi's own C files and the C++ of native/addon, in one shared object.
{
  "targets": [
    {
      "target_name": "vpi",
      # Listed when the build is configured, so that a new file needs no line here.
      "sources": ["<!@(ls native/addon/*.cc native/libvpi/*.c)"],
      "include_dirs": [
        "native/libvpi",
        "kernel-patch/include/uapi",
        "<!(node -p \"require('node-addon-api').include_dir\")"
      ],
      "defines": ["_GNU_SOURCE", "NAPI_VERSION=9", "NAPI_DISABLE_CPP_EXCEPTIONS",
        # An environment that ends takes no exceptions: that is no reason to abort.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags": ["-O2", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"],
      "cflags_c": ["-std=gnu11"],
      "cflags_cc": ["-std=gnu++20", "-fno-exceptions"],
      "cflags!": ["-O3"]
    }
  ]
}
