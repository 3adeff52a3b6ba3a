// Writes compiled.txt and rfft.txt of runtime/signal/testdata: what the signal library of
// tflite-micro (github.com/tensorflow/tflite-micro, signal/src) computes from drawn inputs.
// It stands on KISS FFT (github.com/mborgerding/kissfft) at v130, with tflite-micro's
// third_party/kissfft/kissfft.patch applied. With the two checked out as T and K:
//
//   c++ -O1 -fwrapv -DTFLITE_DCHECK=assert -I T -I K -include cassert scripts/goldens/signal.cc
//     T/signal/src/{energy,fft_auto_scale,filter_bank,filter_bank_log,filter_bank_square_root}.cc
//     T/signal/src/{filter_bank_spectral_subtraction,log,max_abs,msb_32,msb_64}.cc
//     T/signal/src/{pcan_argc_fixed,rfft_int16,square_root_32,square_root_64,window}.cc
//     T/signal/src/kiss_fft_wrappers/kiss_fft_int16.cc -o signal
//   ./signal >compiled.txt; ./signal lengths >rfft.txt
//
// compiled.txt begins with a comment on its format.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "signal/src/complex.h"
#include "signal/src/energy.h"
#include "signal/src/fft_auto_scale.h"
#include "signal/src/filter_bank.h"
#include "signal/src/filter_bank_log.h"
#include "signal/src/filter_bank_spectral_subtraction.h"
#include "signal/src/filter_bank_square_root.h"
#include "signal/src/pcan_argc_fixed.h"
#include "signal/src/rfft.h"
#include "signal/src/window.h"

namespace {

uint64_t state = 1;

// Draw is splitmix64.
uint64_t Draw() {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Numbers returns n values of all magnitudes.
template <typename T>
std::vector<T> Numbers(int n) {
  std::vector<T> v;
  for (int i = 0; i < n; i++) v.push_back(static_cast<T>(Draw()) >> Draw() % (8 * sizeof(T)));
  return v;
}

template <typename T>
void Print(const char* side, const char* type, const std::string& shape, const std::vector<T>& v) {
  printf("%s %s %s =", side, type, shape.c_str());
  for (T x : v) {
    if (static_cast<T>(-1) < 0)
      printf(" %" PRId64, static_cast<int64_t>(x));
    else
      printf(" %" PRIu64, static_cast<uint64_t>(x));
  }
  printf("\n");
}

std::string Size(size_t n) { return std::to_string(n); }

void Window() {
  for (int shift : {0, 3, 12, 15, 31}) {
    auto x = Numbers<int16_t>(24), w = Numbers<int16_t>(24);
    x[0] = w[0] = x[1] = -32768, w[1] = 32767;
    std::vector<int16_t> y(24);
    tflm_signal::ApplyWindow(x.data(), w.data(), 24, shift, y.data());
    printf("op SignalWindow shift=%d\n", shift);
    Print("in", "int16", "24", x), Print("in", "int16", "24", w), Print("out", "int16", "24", y);
  }
}

void AutoScale() {
  for (std::vector<int16_t> x : std::vector<std::vector<int16_t>>{
           {0, 0, 0}, {1, -1, 0}, {-32768, 0, 0}, {0, -32768}, {5, -32768, 3, -7}, {-32768, -5, -9}, {-32768, -5, 900},
           {-32767, 2}, {16383, -16384}, {16384, 7}, {-255, 256}, {-129, 64}, {-32768, -32768, 1}}) {
    std::vector<int16_t> y(x.size());
    std::vector<int32_t> bits = {tflite::tflm_signal::FftAutoScale(x.data(), x.size(), y.data())};
    printf("op SignalFftAutoScale\n");
    Print("in", "int16", Size(x.size()), x), Print("out", "int16", Size(x.size()), y), Print("out", "int32", "scalar", bits);
  }
}

void Rfft(int length, int size, bool loud) {
  size_t bytes = tflm_signal::RfftInt16GetNeededMemory(length);
  std::vector<int64_t> memory(bytes / 8 + 1);
  void* fft = tflm_signal::RfftInt16Init(length, memory.data(), bytes);
  std::vector<int16_t> x, padded(length), y(length + 2);
  for (int i = 0; i < size; i++) x.push_back(loud ? (Draw() & 1 ? 32767 : -32768) : static_cast<int16_t>(Draw()));
  for (int i = 0; i < size; i++) padded[i] = x[i];
  tflm_signal::RfftInt16Apply(fft, padded.data(), reinterpret_cast<Complex<int16_t>*>(y.data()));
  printf("op SignalRfft T=7 fft_length=%d\n", length);
  Print("in", "int16", Size(size), x), Print("out", "int16", Size(y.size()), y);
}

void Rffts() {
  for (int length : {4, 6, 8, 10, 12, 16, 18, 20, 24, 30, 32, 36, 40, 48, 50, 54, 60, 64, 72, 90, 96, 120, 128, 150, 180})
    Rfft(length, length, length % 8 == 0);
  Rfft(240, 200, false);
  Rfft(256, 256, true);
  Rfft(300, 300, true);
  Rfft(512, 480, false);
  Rfft(1000, 1000, false);
  Rfft(1440, 1440, false);
  Rfft(2048, 2000, false);
}

void Energy() {
  auto x = Numbers<int16_t>(64);
  x[8] = x[9] = -32768, x[10] = x[11] = 32767;
  std::vector<uint32_t> y(32);
  tflite::tflm_signal::SpectrumToEnergy(reinterpret_cast<Complex<int16_t>*>(x.data()), 3, 29, y.data());
  printf("op SignalEnergy start_index=3 end_index=29\n");
  Print("in", "int16", "64", x), Print("out", "uint32", "32", y);
}

void FilterBank() {
  auto x = Numbers<uint32_t>(40);
  x[5] = 0xffffffff;
  auto w = Numbers<int16_t>(30), u = Numbers<int16_t>(30);
  std::vector<int16_t> bins = {2, 5, 5, 9, 0, 20}, first = {0, 3, 10, 12, 0, 10}, widths = {3, 7, 2, 1, 0, 20};
  std::vector<uint64_t> y(6);
  tflite::tflm_signal::FilterbankConfig c = {5, bins.data(), first.data(), widths.data(), w.data(), u.data(), 0, 0};
  tflite::tflm_signal::FilterbankAccumulateChannels(&c, x.data(), y.data());
  printf("op SignalFilterBank num_channels=5\n");
  Print("in", "uint32", "40", x), Print("in", "int16", "30", w), Print("in", "int16", "30", u);
  Print("in const", "int16", "6", bins), Print("in const", "int16", "6", first), Print("in const", "int16", "6", widths);
  Print("out", "uint64", "5", std::vector<uint64_t>(y.begin() + 1, y.end()));
}

void SquareRoot() {
  for (int bits : {0, 1, 31}) {
    auto x = Numbers<uint64_t>(100);
    for (uint64_t v : {UINT64_C(0), UINT64_C(1), UINT64_C(2), UINT64_C(3), UINT64_C(4294967295), UINT64_C(4294967296), UINT64_C(4294836225), UINT64_MAX,
                       UINT64_C(0xfffffffe00000001), UINT64_C(0xfffffffe00000000), UINT64_C(0xffffffff00000000)})
      x.push_back(v);
    std::vector<uint32_t> y(x.size());
    tflite::tflm_signal::FilterbankSqrt(x.data(), x.size(), bits, y.data());
    printf("op SignalFilterBankSquareRoot\n");
    Print("in", "uint64", Size(x.size()), x), Print("in", "int32", "scalar", std::vector<int32_t>{bits}), Print("out", "uint32", Size(x.size()), y);
  }
}

void Subtraction() {
  for (bool clamping : {false, true}) {
    tflite::tflm_signal::SpectralSubtractionConfig c = {9, 409, 15975, 819, 983, 15401, 10, 14, clamping};
    std::vector<uint32_t> noise(9), y(9);
    for (int run = 0; run < 6; run++) {
      auto x = Numbers<uint32_t>(9);
      tflite::tflm_signal::FilterbankSpectralSubtraction(&c, x.data(), y.data(), noise.data());
      if (run == 0)
        printf("op SignalFilterBankSpectralSubtraction num_channels=9 smoothing=409 one_minus_smoothing=15975 "
               "min_signal_remaining=819 alternate_smoothing=983 alternate_one_minus_smoothing=15401 smoothing_bits=10 "
               "spectral_subtraction_bits=14 clamping=%d\n", clamping);
      else
        printf("again\n");
      Print("in", "uint32", "9", x), Print("out", "uint32", "9", y), Print("out", "uint32", "9", noise);
    }
  }
}

void Pcan() {
  for (int shift : {0, 6, 12, 40}) {
    auto x = Numbers<uint32_t>(80), noise = Numbers<uint32_t>(80);
    auto table = Numbers<int16_t>(125);
    for (uint32_t i = 0; i < 5; i++) noise[i] = i;
    noise[5] = UINT32_MAX, x[6] = UINT32_MAX, noise[7] = 1023, noise[8] = 1024, noise[9] = 2047, noise[10] = 2048;
    auto y = x;
    tflite::tflm_signal::ApplyPcanAutoGainControlFixed(table.data(), shift, noise.data(), y.data(), 80);
    printf("op SignalPCAN snr_shift=%d\n", shift);
    Print("in", "uint32", "80", x), Print("in", "uint32", "80", noise), Print("in", "int16", "125", table), Print("out", "uint32", "80", y);
  }
}

void Logarithm() {
  for (int scale : {0, 1, 1600, 65536, 0x7fffffff})
    for (int bits : {0, 3, 31}) {
      auto x = Numbers<uint32_t>(60);
      for (uint32_t v : {0u, 1u, 2u, 3u, 65535u, 65536u, 65537u, UINT32_MAX}) x.push_back(v);
      std::vector<int16_t> y(x.size());
      tflite::tflm_signal::FilterbankLog(x.data(), x.size(), scale, bits, y.data());
      printf("op SignalFilterBankLog input_correction_bits=%d output_scale=%d\n", bits, scale);
      Print("in", "uint32", Size(x.size()), x), Print("out", "int16", Size(x.size()), y);
    }
}

// Lengths writes, for every length that tflite-micro can transform, the FNV-1a of the
// spectrum of a drawn signal.
void Lengths() {
  for (int length = 4; length <= 2048; length += 2) {
    int rest = length / 2;
    for (int f : {2, 3, 5})
      while (rest % f == 0) rest /= f;
    if (rest != 1) continue;
    size_t bytes = tflm_signal::RfftInt16GetNeededMemory(length);
    std::vector<int64_t> memory(bytes / 8 + 1);
    void* fft = tflm_signal::RfftInt16Init(length, memory.data(), bytes);
    std::vector<int16_t> x, y(length + 2);
    state = length;
    for (int i = 0; i < length; i++) x.push_back(static_cast<int16_t>(Draw()));
    tflm_signal::RfftInt16Apply(fft, x.data(), reinterpret_cast<Complex<int16_t>*>(y.data()));
    uint64_t hash = 0xcbf29ce484222325;
    for (int16_t v : y)
      for (int b : {v & 0xff, v >> 8 & 0xff}) hash = (hash ^ b) * 0x100000001b3;
    printf("%d %016" PRIx64 "\n", length, hash);
  }
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) return Lengths(), 0;
  Window(), AutoScale(), Rffts(), Energy(), FilterBank(), SquareRoot(), Subtraction(), Pcan(), Logarithm();
}
