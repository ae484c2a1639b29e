"""Front ends: each framework's signatures, mapped onto the one engine in `fourfold.backend`.

Import the one you need: `fourfold.frontends.torch`, `.paddle`, `.paddle.fluid`, `.paddle.fluid_1_8`, `.megengine`,
`.oneflow`. None of them imports the framework it mirrors.
"""
