"""Run a WebAssembly program in wasmtime: python wasm.py PROGRAM [ARGUMENT...]."""

import sys


def main():
    import wasmtime  # here, so that pytest can look for doctests without it

    engine = wasmtime.Engine()
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    module = wasmtime.Module.from_file(engine, sys.argv[1])
    config = wasmtime.WasiConfig()
    config.argv = sys.argv[1:]
    config.inherit_stdin()
    config.inherit_stdout()
    config.inherit_stderr()
    store = wasmtime.Store(engine)
    store.set_wasi(config)
    try:
        linker.instantiate(store, module).exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        sys.exit(end.code)


if __name__ == "__main__":
    main()
